#pragma once
union u { long a; double b; };
long get(const union u *p);
