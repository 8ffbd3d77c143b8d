#include "api.h"
#include <stdio.h>
int main(void) { return printf("%d\n", old_name(3)) < 0; }
