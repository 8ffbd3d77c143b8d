#include "api.h"
#include <stdio.h>
int main(void) { printf("%ld\n", twice(1L << 40)); return 0; }
