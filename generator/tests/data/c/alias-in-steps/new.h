#pragma once
typedef long word;
typedef word amount;
struct s { amount a; };
long get(const struct s *p);
