#pragma once
struct s { int a; unsigned long reserved; int z; };
int get(const struct s *p);
