#pragma once
struct num { union { double d; long bits; }; };
typedef int (*on_num)(struct num n);
int each(on_num f);
