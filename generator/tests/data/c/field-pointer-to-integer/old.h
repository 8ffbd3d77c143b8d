#pragma once
struct e { char *name; int n; };
void fill(struct e *e);
