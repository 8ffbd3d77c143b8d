#include "api.h"
#include <stdio.h>
int main(void) {
    int sum = 0;
    for (int i = 0; i < count(); i++) sum += primes[i] > 1 && primes[i] < 12;
    puts(sum == count() ? "all" : "not all");
    return 0;
}
