#pragma once
extern char *lib_name;
int use(void);
