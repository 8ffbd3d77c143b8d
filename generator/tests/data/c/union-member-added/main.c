#include "api.h"
#include <stdio.h>
int main(void) { union u u = {5}; printf("%ld\n", get(&u)); return 0; }
