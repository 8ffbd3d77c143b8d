#pragma once
struct v { int k; union { int (*p)(const int *); char x; }; int z; };
int f(const struct v *v);
