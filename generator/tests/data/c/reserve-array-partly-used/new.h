#pragma once
struct s { int a; char *name; void *reserved[3]; int z; };
int get(const struct s *p);
