#pragma once
extern const int level;
int one(void);
