#pragma once
struct s { int a; struct { int b; int c; }; };
int get(const struct s *p);
