#pragma once
struct s { const char *name; };
int get(const struct s *p);
