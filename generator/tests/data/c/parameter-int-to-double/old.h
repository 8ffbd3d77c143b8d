#pragma once
int half(int a);
