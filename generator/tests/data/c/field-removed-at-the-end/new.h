#pragma once
struct point { int x; int y; };
int first(const struct point *p);
