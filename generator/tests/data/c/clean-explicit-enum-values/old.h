#pragma once
enum colour { RED, BLUE };
int is_blue(enum colour c);
