#pragma once
struct s { int a; int z; double share; };
int get(struct s p);
