#include "api.h"
int old_name(int a) { return a; }
#ifdef NEW
int new_name(int a) { return a; }
#endif
