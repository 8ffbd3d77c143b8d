#pragma once
struct s { int a; } __attribute__((aligned(16)));
int get(const struct s *p);
