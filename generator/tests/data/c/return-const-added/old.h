#pragma once
char *name(void);
