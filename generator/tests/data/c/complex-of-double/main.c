#include <stdio.h>
#include "api.h"
int main(void) {
    printf("%f\n", real(3.0f));
    return 0;
}
