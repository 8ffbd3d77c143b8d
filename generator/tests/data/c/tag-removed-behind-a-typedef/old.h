#pragma once
typedef struct _s { int a; } s_t;
int get(const s_t *p);
