#pragma once
struct s { long a; long z; long reserved[2]; };
long get(const struct s *p);
