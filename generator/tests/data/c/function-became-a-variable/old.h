#pragma once
int level(void);
