#pragma once
int clamp(unsigned a);
