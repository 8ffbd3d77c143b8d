#pragma once
unsigned length(const unsigned char *text);
