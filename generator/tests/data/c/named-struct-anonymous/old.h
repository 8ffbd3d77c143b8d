#pragma once
struct w { int a; struct { int b; int c; } in; };
int get(const struct w *w);
