#include "api.h"
#include <stdio.h>
int main(void) { printf("%d %d\n", calc(3), keep()); return 0; }
