#include "api.h"
#ifdef NEW
struct s { int a; };
#endif
int get(const struct s *p) { return p->a; }
