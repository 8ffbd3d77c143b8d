#pragma once
struct flags { unsigned a : 3; unsigned b : 5; };
int second(const struct flags *f);
