#pragma once
int same(const int a);
