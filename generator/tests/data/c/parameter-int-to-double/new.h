#pragma once
int half(double a);
