#pragma once
struct s { int a : 3; int b : 5; };
int get(const struct s *s);
