#pragma once
struct s { int m[3][2]; };
int get(const struct s *p, int i, int j);
