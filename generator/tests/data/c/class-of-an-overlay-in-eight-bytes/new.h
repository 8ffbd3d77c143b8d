#pragma once
struct v { union { float x; int bits; }; float y; };
float get(struct v v);
