#pragma once
struct s { int a; unsigned char pad_reserved[12]; int z; };
int get(const struct s *p);
