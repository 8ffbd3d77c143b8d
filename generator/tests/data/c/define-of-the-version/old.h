#pragma once
#define LIB_VERSION_MAJOR 1
int full(int n);
