#include "api.h"
#include <stdio.h>
int main(void) { struct s s = {.c = 4}; printf("%d\n", get(&s)); return 0; }
