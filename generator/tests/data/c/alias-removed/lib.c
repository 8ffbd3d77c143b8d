#include "api.h"
long twice(int a) { return 2L * a; }
