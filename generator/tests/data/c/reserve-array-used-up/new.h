#pragma once
struct s { int a; char *name; char *path; int z; };
int get(const struct s *p);
