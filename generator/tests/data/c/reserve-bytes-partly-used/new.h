#pragma once
struct s { int a; int flags; unsigned char pad_reserved[8]; int z; };
int get(const struct s *p);
