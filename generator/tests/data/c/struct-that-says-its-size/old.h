#pragma once
struct s { unsigned long size; int a; int b; };
int get(const struct s *p);
