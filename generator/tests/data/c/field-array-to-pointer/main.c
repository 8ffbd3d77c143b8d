#include "api.h"
#include <stdio.h>
int main(void) { struct s s = {"name"}; printf("%d\n", get(&s)); return 0; }
