#pragma once
struct s { int a; int (*visit)(int); int z; };
int get(const struct s *p);
