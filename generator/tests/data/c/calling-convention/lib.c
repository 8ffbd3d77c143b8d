#include "api.h"
#ifdef NEW
__attribute__((ms_abi))
#endif
int add(int a, int b) { return a + 2 * b; }
