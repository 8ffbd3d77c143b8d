#pragma once
int count(void);
