#pragma once
struct out { long a; long b; long c; };
struct out make(long n);
