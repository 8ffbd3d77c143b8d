#pragma once
struct point { int x; int y; };
int height(const struct point *p);
