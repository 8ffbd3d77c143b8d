#pragma once
struct s { unsigned a : 3; unsigned b : 5; };
int get(const struct s *s);
