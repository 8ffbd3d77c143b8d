#pragma once
struct s { int a; void *reserved[4]; int z; };
int get(const struct s *p);
