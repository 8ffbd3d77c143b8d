#include "api.h"
int kept;
#ifdef OLD
int set(int a) { kept = a; return 7; }
#else
void set(int a) { kept = a; }
#endif
