#pragma once
struct s { char a; void *reserved; int z; };
int get(const struct s *p);
