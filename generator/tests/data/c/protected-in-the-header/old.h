#pragma once
int a(void);
int b(void);
