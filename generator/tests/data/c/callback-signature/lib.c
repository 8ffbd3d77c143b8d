#include "api.h"
#ifdef OLD
int each(visit v) { return v(1); }
#else
int each(visit v) { return v(1, 0); }
#endif
