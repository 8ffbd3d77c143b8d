#pragma once
struct s { int a; };
struct s *make(void);
int get(const struct s *p);
