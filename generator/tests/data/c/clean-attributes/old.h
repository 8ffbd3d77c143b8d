#pragma once
int one(void);
int two(const char *f);
