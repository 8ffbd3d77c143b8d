#include "api.h"
#include <stdio.h>
int main(void) { struct s s = {.a = 1, .b = 2}; printf("%d\n", get(&s)); return 0; }
