#include "api.h"
#include <stdio.h>
int main(void) { struct s s[2] = {{1, "a", 5}, {2, "b", 6}}; printf("%d\n", get(s)); return 0; }
