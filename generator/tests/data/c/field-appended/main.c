#include "api.h"
#include <stdio.h>
int main(void) {
    struct { struct point p; long canary[4]; } s = {{0, 0}, {1, 2, 3, 4}};
    init(&s.p);
    printf("%ld %ld\n", s.canary[0], s.canary[3]);
    return 0;
}
