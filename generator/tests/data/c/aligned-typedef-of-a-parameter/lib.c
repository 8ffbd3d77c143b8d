#include "api.h"
int get(const number *p) { return ((unsigned long)p & 15) != 0; }
