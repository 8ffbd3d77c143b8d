#include "api.h"
int get(const struct s *s) { return s->hot; }
