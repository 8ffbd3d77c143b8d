#pragma once
typedef long amount;
long twice(amount a);
