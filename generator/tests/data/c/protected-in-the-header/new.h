#pragma once
int a(void);
__attribute__((__visibility__("protected"))) int b(void);
