#include "api.h"
#include <stdio.h>
int main(void) { struct out o[2] = {{{1}, 2}, {{3}, 4}}; printf("%d\n", get(o)); return 0; }
