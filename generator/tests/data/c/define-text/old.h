#pragma once
#define KEY "a.b"
int known(const char *k);
