#pragma once
typedef long amount;
struct s { amount a; };
long get(const struct s *p);
