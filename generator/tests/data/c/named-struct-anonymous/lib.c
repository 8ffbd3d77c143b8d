#include "api.h"
#ifdef OLD
int get(const struct w *w) { return w->in.c; }
#else
int get(const struct w *w) { return w->c; }
#endif
