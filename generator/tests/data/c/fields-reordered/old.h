#pragma once
struct point { int x; int y; };
int width(const struct point *p);
