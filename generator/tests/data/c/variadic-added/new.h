#pragma once
int join(const char *f, ...);
