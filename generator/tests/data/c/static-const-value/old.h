#pragma once
static const int LIMIT = 4;
int full(int n);
