#pragma once
#include "parts.h"
int mode(void);
