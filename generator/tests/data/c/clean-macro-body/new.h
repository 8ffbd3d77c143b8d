#pragma once
int one(void);
#define twice(a) (2 * (a))
