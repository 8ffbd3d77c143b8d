#pragma once
struct s { long a; void *reserved1; void *reserved2; int z; };
int get(const struct s *p);
