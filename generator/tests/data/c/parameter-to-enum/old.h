#pragma once
enum mode { FAST, SLOW };
int run(unsigned m);
