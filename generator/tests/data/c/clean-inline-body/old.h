#pragma once
static inline int two(void) { return 2; }
int one(void);
