/* The version that the compiler was told. */
#ifndef STANDIN_VERSION
#error "define STANDIN_VERSION"
#endif
#define PY_VERSION_HEX STANDIN_VERSION
