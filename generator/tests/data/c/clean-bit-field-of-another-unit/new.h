#pragma once
struct s { unsigned id; unsigned a : 3; unsigned b : 5; };
int get(const struct s *s);
