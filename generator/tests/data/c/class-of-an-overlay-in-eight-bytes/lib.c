#include "api.h"
float get(struct v v) { return v.x; }
