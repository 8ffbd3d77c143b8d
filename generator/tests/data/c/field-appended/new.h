#pragma once
struct point { int x; int y; long z[4]; };
void init(struct point *p);
