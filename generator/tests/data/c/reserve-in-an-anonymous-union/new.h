#pragma once
struct s { int a; union { char *name; void *reserved; }; int z; };
int get(const struct s *p);
