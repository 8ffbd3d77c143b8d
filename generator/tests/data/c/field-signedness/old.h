#pragma once
struct s { int a; };
int negative(const struct s *p);
