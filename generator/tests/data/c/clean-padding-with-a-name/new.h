#pragma once
struct s { char a; char _pad[3]; int b; };
int get(const struct s *p);
