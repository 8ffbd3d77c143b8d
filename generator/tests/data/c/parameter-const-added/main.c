#include "api.h"
#include <stdio.h>
int main(void) { int a[1] = {4}; printf("%d\n", first(a)); return 0; }
