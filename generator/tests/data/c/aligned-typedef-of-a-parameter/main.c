#include "api.h"
#include <stdio.h>
int main(void) { number n[8] __attribute__((aligned(16))) = {0}; printf("%d\n", get(n + 1)); return 0; }
