#pragma once
struct point { int y; int x; };
int width(const struct point *p);
