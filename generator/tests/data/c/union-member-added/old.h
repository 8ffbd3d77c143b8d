#pragma once
union u { long a; };
long get(const union u *p);
