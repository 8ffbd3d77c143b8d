#pragma once
union s { int a; int b; };
typedef union s s_t;
int get(const s_t *p);
