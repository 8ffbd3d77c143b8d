#pragma once
struct s { int a; void *reserved[2]; int z; };
int get(const struct s *p);
