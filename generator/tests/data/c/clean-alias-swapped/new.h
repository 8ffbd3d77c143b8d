#pragma once
typedef int amount;
long twice(int a);
