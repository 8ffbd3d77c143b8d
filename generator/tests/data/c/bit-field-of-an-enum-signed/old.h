#pragma once
enum q { Q_A, Q_B, Q_C, Q_D };
struct s { enum q k : 2; unsigned rest : 30; };
int get(const struct s *s);
