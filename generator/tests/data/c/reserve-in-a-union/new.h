#pragma once
struct s { int a; union { char *name; struct { unsigned long kabi_reserved1; } kabi_hidden; }; int z; };
int get(const struct s *p);
