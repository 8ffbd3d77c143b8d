#include "api.h"
int negative(struct num n) { return n.u.d < 0; }
