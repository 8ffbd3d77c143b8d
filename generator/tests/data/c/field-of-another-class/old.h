#pragma once
struct s { int a; };
int get(const struct s *p);
