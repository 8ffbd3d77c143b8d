#pragma once
struct s { float share; int n; };
int get(const struct s *p);
