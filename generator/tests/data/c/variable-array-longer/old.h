#pragma once
extern int table[2];
void fill(void);
