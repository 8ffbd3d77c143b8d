#pragma once
struct s { long a; long z; long double share; };
long get(const struct s *p);
