#include <stdio.h>
#include "api.h"
int main(void) {
    printf("%d\n", b());
    return 0;
}
