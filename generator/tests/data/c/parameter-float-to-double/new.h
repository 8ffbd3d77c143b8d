#pragma once
double half(double a);
