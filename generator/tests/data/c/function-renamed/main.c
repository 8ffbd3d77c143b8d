#include "api.h"
#include <stdio.h>
int main(void) { return printf("%d\n", frobnicate_all(3)) < 0; }
