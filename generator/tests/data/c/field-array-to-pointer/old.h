#pragma once
struct s { char name[8]; };
int get(const struct s *p);
