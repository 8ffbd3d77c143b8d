#pragma once
int is_one(long double x);
