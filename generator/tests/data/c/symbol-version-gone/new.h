#pragma once
int calc(int x);
int keep(void);
