#pragma once
#include <stdint.h>
typedef uint32_t amount;
struct s { uint32_t a; };
int get(const struct s *p);
