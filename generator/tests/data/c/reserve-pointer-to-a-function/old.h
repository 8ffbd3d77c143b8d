#pragma once
struct s { int a; void *reserved; int z; };
int get(const struct s *p);
