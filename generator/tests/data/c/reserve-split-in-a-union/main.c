#include "api.h"
#include <stdio.h>
int main(void) { struct s s[2] = {{.a = 1, .z = 2}}; printf("%d\n", get(s)); return 0; }
