#pragma once
struct num { union { double d; long bits; }; };
int negative(struct num n);
