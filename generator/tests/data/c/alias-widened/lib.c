#include "api.h"
long twice(amount a) { return 2L * a; }
