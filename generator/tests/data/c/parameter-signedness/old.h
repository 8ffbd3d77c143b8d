#pragma once
int clamp(int a);
