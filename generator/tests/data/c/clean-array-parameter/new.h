#pragma once
int sum(int *a);
