#include "api.h"
#ifdef OLD
const int primes[] = {2, 3, 5};
#else
const int primes[] = {2, 3, 5, 7, 11};
#endif
int count(void) { return sizeof primes / sizeof primes[0]; }
