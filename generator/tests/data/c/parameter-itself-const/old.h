#pragma once
int same(int a);
