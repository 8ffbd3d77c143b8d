#pragma once
enum colour { RED, BLUE, GREEN, COLOUR_COUNT };
int is_blue(enum colour c);
