#include "api.h"
#include <stdio.h>
int main(void) { struct s s = {{{1, 2, 3}, {4, 5, 6}}}; printf("%d\n", get(&s, 1, 0)); return 0; }
