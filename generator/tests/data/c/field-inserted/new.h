#pragma once
struct point { int x; int depth; int y; };
int height(const struct point *p);
