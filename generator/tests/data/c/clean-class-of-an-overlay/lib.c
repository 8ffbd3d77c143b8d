#include "api.h"
int negative(struct num n) { return n.d < 0; }
