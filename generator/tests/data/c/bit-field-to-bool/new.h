#pragma once
struct s { _Bool on : 1; _Bool hot : 1; };
int get(const struct s *s);
