#include "api.h"
#include <stdio.h>
int main(void) { printf("%d\n", area(3, 5)); return 0; }
