#pragma once
typedef int (*visit)(int item);
int each(visit v);
