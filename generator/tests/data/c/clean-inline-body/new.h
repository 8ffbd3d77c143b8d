#pragma once
static inline int two(void) { int n = 1; return n + n; }
int one(void);
