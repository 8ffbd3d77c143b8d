#pragma once
struct num { double d; };
typedef int (*on_num)(struct num n);
int each(on_num f);
