#pragma once
struct e { long name; int n; };
void fill(struct e *e);
