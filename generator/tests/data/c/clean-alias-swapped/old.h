#pragma once
typedef int amount;
long twice(amount a);
