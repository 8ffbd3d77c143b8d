#include "api.h"
#include <string.h>
int known(const char *k) { return !strcmp(k, KEY); }
