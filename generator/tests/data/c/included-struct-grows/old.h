#pragma once
#include "parts.h"
void fill(struct parts *out);
