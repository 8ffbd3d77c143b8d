#include "api.h"
#include <stdio.h>
int main(void) { struct s s = {0, 1}; printf("%d\n", get(&s)); return 0; }
