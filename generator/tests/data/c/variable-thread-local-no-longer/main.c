#include "api.h"
#include <stdio.h>
int main(void) { set(1); printf("%d\n", last); return 0; }
