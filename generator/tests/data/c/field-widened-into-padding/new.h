#pragma once
struct s { long a; long b; };
long get(const struct s *p);
