#pragma once
typedef int number;
int get(const number *p);
