#pragma once
struct s { int a; union { struct { int width; int height; }; unsigned long reserved; }; int z; };
int get(const struct s *p);
