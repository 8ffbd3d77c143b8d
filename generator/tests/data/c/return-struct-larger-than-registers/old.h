#pragma once
struct out { long a; long b; };
struct out make(long n);
