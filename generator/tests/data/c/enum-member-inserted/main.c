#include "api.h"
#include <stdio.h>
int main(void) { printf("%d\n", is_blue(BLUE)); return 0; }
