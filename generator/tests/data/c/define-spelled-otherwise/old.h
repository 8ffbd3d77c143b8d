#pragma once
#define LIMIT 0x10
int full(int n);
