#pragma once
struct point { int x; int y; int z; };
int first(const struct point *p);
