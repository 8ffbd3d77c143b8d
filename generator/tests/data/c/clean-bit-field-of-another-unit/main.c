#include "api.h"
#include <stdio.h>
int main(void) { struct s s = {1, 2, 31}; printf("%d\n", get(&s)); return 0; }
