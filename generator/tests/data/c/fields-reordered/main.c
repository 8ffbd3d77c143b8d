#include "api.h"
#include <stdio.h>
int main(void) { struct point p = {.x = 1, .y = 2}; printf("%d\n", width(&p)); return 0; }
