#include "api.h"
#include <stdio.h>
int main(void) { struct item items[4] = {{1}, {2}, {3}, {4}}; printf("%d\n", sum(items, 2)); return 0; }
