#include "api.h"
#include <stdio.h>
static int twice(int a) { return 2 * a; }
int main(void) { struct v v = {1, twice, 2}; printf("%d\n", f(&v)); return 0; }
