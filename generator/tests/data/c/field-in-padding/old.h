#pragma once
struct s { char a; int b; };
int get(const struct s *p);
