#include "api.h"
#include <stdio.h>
int main(void) { printf("%d\n", known(KEY)); return 0; }
