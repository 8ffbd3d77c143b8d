#include "api.h"
#include <stdio.h>
int main(void) { printf("%d\n", one()); return 0; }
