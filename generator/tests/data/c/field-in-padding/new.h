#pragma once
struct s { char a; char extra; int b; };
int get(const struct s *p);
