#pragma once
struct ops { int (*open)(int a); };
int run(const struct ops *o);
