#pragma once
enum colour { RED, BLUE };
struct s { enum colour c; int z; };
int get(const struct s *p);
