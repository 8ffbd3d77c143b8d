#pragma once
int area(int h);
