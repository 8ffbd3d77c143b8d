#include "api.h"
static char names[] = "name";
#ifdef OLD
void fill(struct e *e) { e->name = names; e->n = 1; }
#else
void fill(struct e *e) { e->name = names[0]; e->n = 1; }
#endif
