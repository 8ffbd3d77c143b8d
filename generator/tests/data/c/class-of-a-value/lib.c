#include "api.h"
int get(struct v v) { return (int)v.b; }
