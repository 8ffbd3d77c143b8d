#pragma once
union u { double d; long bits; };
struct num { union u u; };
int negative(struct num n);
