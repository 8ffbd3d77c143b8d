#include "api.h"
#include <stdio.h>
int main(void) { printf("%s\n", lib_name); return use(); }
