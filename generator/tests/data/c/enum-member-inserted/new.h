#pragma once
enum colour { RED, GREEN, BLUE };
int is_blue(enum colour c);
