#pragma once
int two(void);
#define two() 2
