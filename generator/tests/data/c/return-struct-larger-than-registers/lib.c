#include "api.h"
struct out make(long n) { struct out o = {.a = n, .b = n + 1}; return o; }
