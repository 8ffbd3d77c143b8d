#pragma once
typedef int number __attribute__((aligned(16)));
struct s { int a __attribute__((aligned(16))); };
int get(const struct s *p);
