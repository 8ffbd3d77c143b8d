#include "api.h"
#include <stdio.h>
int main(void) { printf("%g\n", half(84)); return 0; }
