#pragma once
struct s { int n; char name[16]; int end; };
int get(const struct s *p);
