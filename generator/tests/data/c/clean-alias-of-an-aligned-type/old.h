#pragma once
typedef int number __attribute__((aligned(16)));
struct s { number a; };
int get(const struct s *p);
