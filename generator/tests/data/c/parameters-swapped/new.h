#pragma once
double scale(double by, long what);
