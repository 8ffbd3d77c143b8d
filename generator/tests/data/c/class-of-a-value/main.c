#include "api.h"
#include <stdio.h>
int main(void) { struct v v = {1, 2}; printf("%d\n", get(v)); return 0; }
