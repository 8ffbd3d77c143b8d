#pragma once
enum { LIMIT = 4 };
int full(int n);
