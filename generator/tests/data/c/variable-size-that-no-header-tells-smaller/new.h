#pragma once
extern int table[];
int first(void);
