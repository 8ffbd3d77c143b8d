#include <stdio.h>
#include "api.h"
int main(void) {
    struct { struct parts mine; long next; } all = {{0, 0}, 5};
    fill(&all.mine);
    printf("%ld\n", all.next);
    return 0;
}
