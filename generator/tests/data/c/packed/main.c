#include "api.h"
#include <stdio.h>
int main(void) { struct s s = {1, 2}; printf("%d\n", get(&s)); return 0; }
