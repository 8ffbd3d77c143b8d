#pragma once
int area(int x);
