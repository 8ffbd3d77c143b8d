#pragma once
extern const int primes[];
int count(void);
