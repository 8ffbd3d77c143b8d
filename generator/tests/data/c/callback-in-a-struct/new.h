#pragma once
struct ops { int (*open)(int a, long b); };
int run(const struct ops *o);
