#pragma once
extern __thread int last;
void set(int to);
