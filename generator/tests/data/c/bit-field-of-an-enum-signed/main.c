#include "api.h"
#include <stdio.h>
int main(void) { struct s s = {Q_D, 0}; printf("%d\n", get(&s)); return 0; }
