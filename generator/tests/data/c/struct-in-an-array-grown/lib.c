#include "api.h"
int sum(const struct item *items, int n) { int s = 0; for (int i = 0; i < n; i++) s += items[i].a; return s; }
