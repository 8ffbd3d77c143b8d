#pragma once
struct in { int a; };
struct out { struct in i; int b; };
int get(const struct out *p);
