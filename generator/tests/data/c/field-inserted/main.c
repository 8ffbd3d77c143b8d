#include "api.h"
#include <stdio.h>
int main(void) { struct point p[2] = {{1, 2}, {3, 4}}; printf("%d\n", height(p)); return 0; }
