#include "api.h"
#include <stdio.h>
int main(void) { printf("%d %d\n", first(), table[3]); return 0; }
