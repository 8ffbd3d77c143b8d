#pragma once
struct s { unsigned long size; int a; int b; int c; int d; };
int get(const struct s *p);
