#include "api.h"
#include <stdio.h>
int main(void) { struct e e; fill(&e); printf("%s\n", e.name); return 0; }
