#pragma once
typedef int (*visit)(int item, void *data);
int each(visit v);
