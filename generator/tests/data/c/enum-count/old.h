#pragma once
enum colour { RED, BLUE, COLOUR_COUNT };
int is_blue(enum colour c);
