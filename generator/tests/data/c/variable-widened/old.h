#pragma once
extern int level;
void raise(void);
