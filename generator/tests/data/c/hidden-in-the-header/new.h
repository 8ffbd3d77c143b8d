#pragma once
int a(void);
__attribute__((visibility("hidden"))) int b(void);
