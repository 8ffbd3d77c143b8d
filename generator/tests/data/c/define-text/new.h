#pragma once
#define KEY "a.c"
int known(const char *k);
