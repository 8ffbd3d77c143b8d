#include "api.h"
#include <stdio.h>
int main(void) { struct v v = {2, 3}; printf("%f\n", get(v)); return 0; }
