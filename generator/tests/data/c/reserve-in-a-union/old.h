#pragma once
struct s { int a; unsigned long kabi_reserved1; int z; };
int get(const struct s *p);
