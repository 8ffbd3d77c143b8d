#include "api.h"
#include <stdio.h>
int main(void) { struct s *s = make(); s->a++; printf("%d\n", get(s)); return 0; }
