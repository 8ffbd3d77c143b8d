#pragma once
int one(void);
#define twice(a) ((a) + (a))
