#pragma once
struct s { int a; int z; };
int get(const struct s *p);
