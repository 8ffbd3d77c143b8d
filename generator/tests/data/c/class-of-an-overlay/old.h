#pragma once
struct num { double d; };
int negative(struct num n);
