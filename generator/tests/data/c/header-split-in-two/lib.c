#include "api.h"
int get(const struct q *q) { return q->n; }
