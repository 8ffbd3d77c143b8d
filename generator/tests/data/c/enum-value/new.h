#pragma once
enum colour { RED = 1, BLUE = 4 };
int is_blue(enum colour c);
