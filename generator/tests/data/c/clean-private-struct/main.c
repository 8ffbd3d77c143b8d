#include "api.h"
#include <stdio.h>
int main(void) { printf("%d\n", get(make())); return 0; }
