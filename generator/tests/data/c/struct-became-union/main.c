#include "api.h"
#include <stdio.h>
int main(void) { s_t s = {1}; s.b = 2; s.a = 1; printf("%d\n", get(&s)); return 0; }
