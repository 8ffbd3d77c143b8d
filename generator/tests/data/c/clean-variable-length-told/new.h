#pragma once
extern int table[4];
int first(void);
