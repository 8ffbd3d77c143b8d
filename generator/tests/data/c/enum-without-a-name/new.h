#pragma once
enum { LIMIT = 8 };
int full(int n);
