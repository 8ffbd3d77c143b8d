#pragma once
int first(const int *a);
