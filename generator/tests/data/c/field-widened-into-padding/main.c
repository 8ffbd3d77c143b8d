#include "api.h"
#include <stdio.h>
int main(void) { union { struct s s; long words[2]; } u = {.words = {-1, -1}}; u.s.b = 5; printf("%ld\n", get(&u.s)); return 0; }
