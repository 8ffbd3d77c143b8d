#pragma once
void put(long at, const char *name);
long got(void);
