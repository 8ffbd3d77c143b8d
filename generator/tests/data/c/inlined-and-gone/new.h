#pragma once
int one(void);
static inline int two(void) { return one() + 1; }
