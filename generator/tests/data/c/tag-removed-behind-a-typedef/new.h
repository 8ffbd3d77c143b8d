#pragma once
typedef struct { int a; } s_t;
int get(const s_t *p);
