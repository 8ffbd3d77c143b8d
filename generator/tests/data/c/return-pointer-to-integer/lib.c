#include "api.h"
static char name[] = "name";
#ifdef OLD
char *look(void) { return name; }
#else
long look(void) { return name[0]; }
#endif
