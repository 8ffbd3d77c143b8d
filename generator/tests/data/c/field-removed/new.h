#pragma once
struct point { int x; int z; };
int last(const struct point *p);
