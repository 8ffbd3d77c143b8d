#pragma once
enum colour { RED = 1, BLUE = 2 };
int is_blue(enum colour c);
