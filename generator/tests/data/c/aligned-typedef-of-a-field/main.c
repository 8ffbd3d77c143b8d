#include "api.h"
#include <stdio.h>
int main(void) { struct s s[8] = {{1, 2}, {3, 4}}; printf("%d\n", get(s)); return 0; }
