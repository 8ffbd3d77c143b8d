#pragma once
struct s { unsigned char on : 1; unsigned char hot : 1; };
int get(const struct s *s);
