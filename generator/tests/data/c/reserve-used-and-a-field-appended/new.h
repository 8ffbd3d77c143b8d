#pragma once
struct s { int a; int z; char *name; long more; };
int get(struct s *p);
