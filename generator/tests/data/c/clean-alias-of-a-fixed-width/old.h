#pragma once
typedef unsigned int amount;
struct s { amount a; };
int get(const struct s *p);
