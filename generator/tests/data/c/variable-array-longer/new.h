#pragma once
extern int table[16];
void fill(void);
