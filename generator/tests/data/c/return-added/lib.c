#include "api.h"
int kept;
#ifdef OLD
void set(int a) { kept = a; }
#else
int set(int a) { kept = a; return 7; }
#endif
