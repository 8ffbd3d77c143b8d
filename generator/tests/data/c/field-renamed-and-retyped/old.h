#pragma once
struct s { int count; int n; };
int get(const struct s *p);
