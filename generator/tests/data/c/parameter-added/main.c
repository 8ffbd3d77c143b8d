#include "api.h"
#include <stdio.h>
int main(void) { volatile int noise = 77; (void)noise; printf("%d\n", area(3)); return 0; }
