#pragma once
enum colour { RED, BLUE, HUGE = 1L << 40 };
struct s { enum colour c; int z; };
int get(const struct s *p);
