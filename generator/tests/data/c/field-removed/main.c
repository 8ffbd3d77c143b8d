#include "api.h"
#include <stdio.h>
int main(void) { struct point p = {1, 2, 3}; printf("%d\n", last(&p)); return 0; }
