#include "api.h"
void fill(struct parts *out) {
    out->a = out->b = 1;
#ifdef NEW
    out->c = 1;
#endif
}
