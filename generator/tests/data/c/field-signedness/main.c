#include "api.h"
#include <stdio.h>
int main(void) { struct s s = {-5}; printf("%d\n", negative(&s)); return 0; }
