#pragma once
enum colour { RED, BLUE, GREEN };
int is_blue(enum colour c);
