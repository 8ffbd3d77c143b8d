#pragma once
int area(int x);
int keep(void);
