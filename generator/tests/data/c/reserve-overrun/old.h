#pragma once
struct s { int a; int reserved; int z; };
int get(const struct s *p);
