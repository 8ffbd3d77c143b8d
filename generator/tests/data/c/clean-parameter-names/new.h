#pragma once
int add(int left, int);
