#include "api.h"
#include <stdio.h>
int main(void) { struct flags f = {.a = 1, .b = 10}; printf("%d\n", second(&f)); return 0; }
