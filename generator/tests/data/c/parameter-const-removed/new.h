#pragma once
int first(int *a);
