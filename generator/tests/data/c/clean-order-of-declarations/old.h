#pragma once
struct s { int a; };
enum e { X };
int one(struct s *);
int two(enum e);
