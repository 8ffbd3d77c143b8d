#pragma once
struct s { char a; char *name; int z; } __attribute__((packed));
int get(const struct s *p);
