#pragma once
union u { long a; };
void fill(union u *p);
