#pragma once
enum colour { RED, BLUE, TEAL };
int is_blue(enum colour c);
