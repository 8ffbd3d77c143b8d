#pragma once
int old_name(int a);
