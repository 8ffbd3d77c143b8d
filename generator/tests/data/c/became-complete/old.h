#pragma once
struct s;
int get(const struct s *p);
struct s *make(void);
