#pragma once
double half(float a);
