#include "api.h"
#include <stdio.h>
int main(void) { printf("%d\n", half(84)); return 0; }
