#include "api.h"
#include <stdio.h>
int main(void) { printf("%u\n", length("four")); return 0; }
