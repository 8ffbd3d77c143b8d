#pragma once
int read(int *a);
