#pragma once
#define BASE 3
#define LIMIT (BASE << 1)
int full(int n);
