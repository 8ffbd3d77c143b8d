#pragma once
int one(void);
#define two() (one() + 1)
