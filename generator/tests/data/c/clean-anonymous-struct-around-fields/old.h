#pragma once
struct s { int a; int b; int c; };
int get(const struct s *p);
