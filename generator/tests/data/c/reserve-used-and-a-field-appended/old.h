#pragma once
struct s { int a; int z; void *reserved; };
int get(struct s *p);
