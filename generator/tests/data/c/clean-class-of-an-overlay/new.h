#pragma once
struct num { union { double d; double value; }; };
int negative(struct num n);
