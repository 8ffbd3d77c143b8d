#include "api.h"
#ifdef OLD
struct hidden { int a; };
static int helper(struct hidden *h) { return h->a; }
int one(void) { struct hidden h = {1}; return helper(&h); }
#else
struct hidden { long a; long b; };
static long assist(struct hidden *h, int n) { return h->a + n; }
int one(void) { struct hidden h = {1, 2}; return (int)assist(&h, 0); }
#endif
