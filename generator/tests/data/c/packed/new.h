#pragma once
struct s { char a; int b; } __attribute__((packed));
int get(const struct s *p);
