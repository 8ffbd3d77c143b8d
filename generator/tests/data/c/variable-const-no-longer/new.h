#pragma once
extern int level;
int one(void);
