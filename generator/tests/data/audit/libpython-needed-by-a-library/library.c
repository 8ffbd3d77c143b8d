int library(void) { return 0; }
