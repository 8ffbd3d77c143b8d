#pragma once
struct thing;
struct s { int a; struct thing *thing; int z; };
int get(const struct s *p);
