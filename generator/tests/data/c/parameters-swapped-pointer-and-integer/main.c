#include "api.h"
#include <stdio.h>
int main(void) { put("a", 5); printf("%ld\n", got()); return 0; }
