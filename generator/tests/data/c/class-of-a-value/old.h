#pragma once
struct v { int a; int b; };
int get(struct v v);
