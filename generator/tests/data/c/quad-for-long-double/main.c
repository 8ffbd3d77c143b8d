#include <stdio.h>
#include "api.h"
int main(void) {
    printf("%d\n", is_one(1));
    return 0;
}
