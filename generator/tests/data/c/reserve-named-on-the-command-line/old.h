#pragma once
struct s { int a; void *later; int z; };
int get(const struct s *p);
