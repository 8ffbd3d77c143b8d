#pragma once
struct s { unsigned id; unsigned char a : 3; unsigned char b : 5; };
int get(const struct s *s);
