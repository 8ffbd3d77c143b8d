#pragma once
struct s { long a; int b; };
long get(const struct s *p);
