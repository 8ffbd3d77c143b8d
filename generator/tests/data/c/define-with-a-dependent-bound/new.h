#pragma once
#define LIMIT 8
struct in { char a[LIMIT]; };
struct s { struct in i; int z; };
int get(const struct s *p);
