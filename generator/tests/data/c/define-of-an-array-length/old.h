#pragma once
#define LIMIT 4
struct s { int items[LIMIT]; int z; };
int get(const struct s *p);
