#include "api.h"
#include <stdio.h>
int main(void) { printf("%d\n", level); return 0; }
