#pragma once
typedef int number __attribute__((aligned(16)));
int get(const number *p);
