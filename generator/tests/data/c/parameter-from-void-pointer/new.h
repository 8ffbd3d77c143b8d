#pragma once
struct box;
int open_box(struct box *b);
