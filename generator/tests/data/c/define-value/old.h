#pragma once
#define LIMIT 4
int full(int n);
