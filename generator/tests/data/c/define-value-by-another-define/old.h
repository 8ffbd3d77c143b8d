#pragma once
#define BASE 2
#define LIMIT (BASE << 1)
int full(int n);
