#pragma once
struct w { int a; struct { int c; int b; } in; };
int get(const struct w *w);
