#pragma once
struct v { float x; float y; };
float get(struct v v);
