#pragma once
struct flags { unsigned a : 3; unsigned b : 1; };
int first(const struct flags *f);
