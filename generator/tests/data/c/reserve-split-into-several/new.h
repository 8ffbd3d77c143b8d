#pragma once
struct s { int a; struct { int width; int height; }  __attribute__((aligned(8))); int z; };
int get(const struct s *p);
