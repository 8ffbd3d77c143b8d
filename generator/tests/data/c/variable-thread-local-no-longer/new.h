#pragma once
extern int last;
void set(int to);
