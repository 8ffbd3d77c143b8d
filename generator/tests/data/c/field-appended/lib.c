#include "api.h"
#include <string.h>
void init(struct point *p) { memset(p, 7, sizeof *p); }
