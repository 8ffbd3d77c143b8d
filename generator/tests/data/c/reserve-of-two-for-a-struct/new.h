#pragma once
struct span { char *start; char *end; };
struct s { long a; struct span span; int z; };
int get(const struct s *p);
