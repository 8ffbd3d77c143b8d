#include "api.h"
#ifdef OLD
char *motto = "x";
#else
const char *motto = "x";
#endif
