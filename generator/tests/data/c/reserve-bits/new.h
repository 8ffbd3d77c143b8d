#pragma once
struct s { unsigned a : 4; unsigned dirty : 1; unsigned reserved : 27; int z; };
int get(const struct s *p);
