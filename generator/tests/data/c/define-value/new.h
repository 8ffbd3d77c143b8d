#pragma once
#define LIMIT 8
int full(int n);
