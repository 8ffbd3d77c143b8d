#pragma once
int set(int a);
