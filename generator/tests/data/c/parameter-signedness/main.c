#include "api.h"
#include <stdio.h>
int main(void) { printf("%d\n", clamp(-1)); return 0; }
