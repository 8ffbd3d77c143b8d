#pragma once
struct item { int a; };
int sum(const struct item *items, int n);
