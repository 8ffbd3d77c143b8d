#pragma once
struct s { float a; };
int get(const struct s *p);
