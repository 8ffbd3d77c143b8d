#include "api.h"
#include <stdio.h>
int main(void) { struct out o = make(4); printf("%ld %ld\n", o.a, o.b); return 0; }
