#include "api.h"
#include <stdio.h>
int main(void) { printf("%d\n", set(41)); return 0; }
