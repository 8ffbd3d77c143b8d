#pragma once
enum mode { FAST, SLOW };
int run(enum mode m);
