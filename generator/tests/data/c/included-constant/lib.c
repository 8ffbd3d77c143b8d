#include "api.h"
int mode(void) { return MODE; }
