#pragma once
struct flags { unsigned a : 3; };
int first(const struct flags *f);
