#pragma once
// Adds two numbers,
//   and never overflows.
int
add(int a,   /* one */
    int b);  /* two */
