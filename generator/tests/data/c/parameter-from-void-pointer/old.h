#pragma once
struct box;
int open_box(void *b);
