#include "api.h"
#include <stdio.h>
int main(void) { long a[2] = {4, 0}; printf("%d\n", read((int *)a)); return 0; }
