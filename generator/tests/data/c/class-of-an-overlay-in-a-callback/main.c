#include "api.h"
#include <stdio.h>
static int show(struct num n) { return printf("%f\n", n.d); }
int main(void) { return each(show) == 0; }
