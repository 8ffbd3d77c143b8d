#pragma once
struct s { int a; int b; };
struct s *make(void);
int get(const struct s *p);
