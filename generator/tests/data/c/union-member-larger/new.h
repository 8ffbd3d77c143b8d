#pragma once
union u { long a; char b[32]; };
void fill(union u *p);
