#include "api.h"
#include <stdio.h>
int main(void) { struct num n = {{-1.5}}; printf("%d\n", negative(n)); return 0; }
