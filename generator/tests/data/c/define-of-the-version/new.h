#pragma once
#define LIB_VERSION_MAJOR 2
int full(int n);
