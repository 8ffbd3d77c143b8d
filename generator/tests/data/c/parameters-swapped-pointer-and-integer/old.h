#pragma once
void put(const char *name, long at);
long got(void);
