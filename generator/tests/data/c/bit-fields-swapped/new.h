#pragma once
struct flags { unsigned b : 5; unsigned a : 3; };
int second(const struct flags *f);
