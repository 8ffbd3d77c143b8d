#pragma once
struct s { int a; char *name; int z; };
int get(const struct s *p);
