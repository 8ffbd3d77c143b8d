#pragma once
unsigned length(const char *text);
