#include "api.h"
int each(on_num f) { struct num n = {-1.5}; return f(n); }
