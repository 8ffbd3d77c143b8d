#pragma once
typedef int number;
struct s { char a; number b; };
int get(const struct s *p);
