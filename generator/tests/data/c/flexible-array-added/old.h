#pragma once
struct s { long n; };
long get(const struct s *p);
