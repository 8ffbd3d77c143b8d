#pragma once
static const int LIMIT = 8;
int full(int n);
