#pragma once
struct point { int left; int y; };
int width(const struct point *p);
