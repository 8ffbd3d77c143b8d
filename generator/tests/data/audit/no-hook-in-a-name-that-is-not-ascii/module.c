/* CPython looks for a name in punycode, which no token of C becomes by itself. */
extern void *PyModule_Create2(void *, int);

void *PyInit_żółć(void)
{
    return PyModule_Create2(0, 3);
}
