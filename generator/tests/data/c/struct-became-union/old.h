#pragma once
struct s { int a; int b; };
typedef struct s s_t;
int get(const s_t *p);
