#pragma once
struct v { int k; union { int (*p)(int); void *raw; }; int z; };
int f(const struct v *v);
