#include "api.h"
#include <stdio.h>
int main(void) { printf("%d\n", area(-7)); return 0; }
