#pragma once
struct w { int a; struct { int b; int c; }; };
int get(const struct w *w);
