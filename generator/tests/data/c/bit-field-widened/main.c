#include "api.h"
#include <stdio.h>
int main(void) { struct flags f = {1, 9}; printf("%d\n", second(&f)); return 0; }
