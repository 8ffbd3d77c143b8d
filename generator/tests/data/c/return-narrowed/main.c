#include "api.h"
#include <stdio.h>
int main(void) { printf("%ld\n", count()); return 0; }
