#pragma once
struct s { int m[2][3]; };
int get(const struct s *p, int i, int j);
