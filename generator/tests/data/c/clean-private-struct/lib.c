#include "api.h"
#ifdef OLD
struct s { int a; };
#else
struct s { long before; int a; char more[100]; };
#endif
#include <stdlib.h>
struct s *make(void) { struct s *s = calloc(1, sizeof *s); s->a = 4; return s; }
int get(const struct s *p) { return p->a; }
