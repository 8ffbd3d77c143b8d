#pragma once
extern long level;
void raise(void);
