#include "api.h"
#include <stdio.h>
int main(void) { return printf("%d\n", two()) < 0; }
