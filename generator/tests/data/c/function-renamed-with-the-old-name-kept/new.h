#pragma once
int old_name(int a);
int new_name(int a);
