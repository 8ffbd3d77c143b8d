#include "api.h"
#include <stddef.h>
int get(const struct s *p) {
    int sum = p->a + p->b;
#ifdef NEW
    if (p->size >= offsetof(struct s, d) + sizeof p->d)
        sum += p->c + p->d;
#endif
    return sum;
}
