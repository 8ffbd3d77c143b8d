#include "api.h"
static char text[] = "n";
#ifdef OLD
char *name(void)
#else
const char *name(void)
#endif
{ return text; }
