#pragma once
struct v { float a; float b; };
int get(struct v v);
