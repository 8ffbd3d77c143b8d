#include "api.h"
#include <stdio.h>
int main(void) { struct { union u u; long canary[4]; } s = {{0}, {1, 2, 3, 4}}; fill(&s.u); printf("%ld\n", s.canary[1]); return 0; }
