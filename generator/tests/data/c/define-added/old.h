#pragma once
int full(int n);
