#pragma once
union u { double d; };
struct num { union u u; };
int negative(struct num n);
