#pragma once
struct s { long n; char tail[]; };
long get(const struct s *p);
