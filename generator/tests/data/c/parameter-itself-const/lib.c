#include "api.h"
int same(const int a) { return a; }
