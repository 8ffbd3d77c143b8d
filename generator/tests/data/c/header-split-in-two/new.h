#pragma once
#include "parts.h"
int get(const struct q *q);
