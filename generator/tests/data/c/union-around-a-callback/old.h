#pragma once
struct v { int k; int (*p)(int); int z; };
int f(const struct v *v);
