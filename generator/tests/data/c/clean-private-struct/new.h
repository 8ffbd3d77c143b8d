#pragma once
struct s;
struct s *make(void);
int get(const struct s *p);
