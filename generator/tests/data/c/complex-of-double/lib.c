#include "api.h"
#ifdef OLD
float real(float _Complex z) { return __real__ z; }
#else
float real(double _Complex z) { return __real__ z; }
#endif
