#pragma once
struct s { char *name; };
int get(const struct s *p);
