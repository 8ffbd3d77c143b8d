#include "api.h"
#include <stdio.h>
int main(void) { struct s s[3] = {{RED, 7}, {BLUE, 2}}; printf("%d\n", get(s)); return 0; }
