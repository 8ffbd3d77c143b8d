#include "api.h"
#include <stdio.h>
int main(void) { set(41); puts("set"); return 0; }
