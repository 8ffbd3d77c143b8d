#pragma once
extern long lib_name;
int use(void);
