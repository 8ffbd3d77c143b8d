#include "api.h"
#include <stdio.h>
int main(void) { struct { struct s s; int noise[4]; } t = {{sizeof(struct s), 1, 2}, {100, 100, 100, 100}}; printf("%d\n", get(&t.s)); return 0; }
