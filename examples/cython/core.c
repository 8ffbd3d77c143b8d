/* pyshim's C core. setuptools takes no source from outside of the project. */
#include "pyshim/core.c"
