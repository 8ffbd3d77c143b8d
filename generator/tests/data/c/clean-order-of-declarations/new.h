#pragma once
enum e { X };
int two(enum e);
struct s { int a; };
int one(struct s *);
