#include "api.h"
#include <stdio.h>
int main(void) { printf("%d\n", run(SLOW)); return 0; }
