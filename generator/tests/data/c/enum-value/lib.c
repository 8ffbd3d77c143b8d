#include "api.h"
int is_blue(enum colour c) { return c == BLUE; }
