#pragma once
#define LIMIT 8
struct s { int items[LIMIT]; int z; };
int get(const struct s *p);
