#pragma once
void set(int a);
