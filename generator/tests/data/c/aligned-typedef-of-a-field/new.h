#pragma once
typedef int number __attribute__((aligned(16)));
struct s { char a; number b; };
int get(const struct s *p);
