#pragma once
int one(void);
