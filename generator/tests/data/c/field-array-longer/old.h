#pragma once
struct s { int n; char name[8]; int end; };
int get(const struct s *p);
