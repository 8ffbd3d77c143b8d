#include "api.h"
#include <stdio.h>
int main(void) { printf("%d\n", two()); return 0; }
