#pragma once
struct point { int x; int y; int z; };
int last(const struct point *p);
