#pragma once
enum colour { BLUE, RED };
int is_blue(enum colour c);
