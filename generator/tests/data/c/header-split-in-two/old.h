#pragma once
struct q { int n; };
int get(const struct q *q);
