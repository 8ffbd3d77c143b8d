#include "api.h"
#include <stdio.h>
int main(void) { struct s s[3] = {{.a = 1, .z = 2}, {.a = 7, .z = 8}}; printf("%d\n", get(s)); return 0; }
