#include "api.h"
#include <stdio.h>
int main(void) { level = 5; printf("%d\n", level); return 0; }
