#pragma once
struct s { int a; int z; long reserved; };
int get(struct s p);
