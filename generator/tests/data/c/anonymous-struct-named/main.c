#include "api.h"
#include <stdio.h>
int main(void) { struct w w = {1, {2, 3}}; printf("%d\n", get(&w)); return 0; }
