#pragma once
char *look(void);
