#pragma once
struct item { int a; int weight; };
int sum(const struct item *items, int n);
