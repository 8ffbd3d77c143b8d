#pragma once
int area(int w);
