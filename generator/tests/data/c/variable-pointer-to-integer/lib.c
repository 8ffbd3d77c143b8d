#include "api.h"
#ifdef OLD
char *lib_name = "lib";
#else
long lib_name = 3;
#endif
int use(void) { return 0; }
