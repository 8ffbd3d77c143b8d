#include "api.h"
#include <stdio.h>
int main(void) { int a = -3; printf("%ld\n", twice(a)); return 0; }
