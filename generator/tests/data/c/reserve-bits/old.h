#pragma once
struct s { unsigned a : 4; unsigned reserved : 28; int z; };
int get(const struct s *p);
