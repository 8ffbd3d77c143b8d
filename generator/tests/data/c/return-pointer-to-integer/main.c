#include "api.h"
#include <stdio.h>
int main(void) { printf("%s\n", look()); return 0; }
