/* A name of the stable ABI is no offence, wherever it comes from. */
extern void *dlsym(void *, const char *);
static const char *const names[] = {"PyList_GetItemRef", "PyUnicode_New", "PyList_New"};

void *PyInit_demo(void)
{
    void *found = 0;
    for (int n = 0; n < 3; n++) {
        found = found ? found : dlsym(0, names[n]);
    }
    return found;
}
