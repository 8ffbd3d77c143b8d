#include "api.h"
#include <stdio.h>
int main(void) { puts(motto); return 0; }
