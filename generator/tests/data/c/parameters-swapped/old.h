#pragma once
double scale(int by, double what);
