#pragma once
struct s { unsigned a; };
int negative(const struct s *p);
