#pragma once
enum colour { RED = 0, BLUE = 1 };
int is_blue(enum colour c);
