#include "api.h"
#include <stdio.h>
int main(void) { printf("%d\n", full(LIMIT)); return 0; }
