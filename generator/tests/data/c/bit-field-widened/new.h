#pragma once
struct flags { unsigned a : 4; unsigned b : 5; };
int second(const struct flags *f);
