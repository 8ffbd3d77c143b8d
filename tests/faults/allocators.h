/* CPython's allocators, with what is due and a count of the blocks that are live. */
#ifndef FAULTS_ALLOCATORS_H
#define FAULTS_ALLOCATORS_H

static PyMemAllocatorEx allocators_original[3];
static long allocators_live;

static void *allocators_malloc(void *of, size_t size)
{
    PyMemAllocatorEx *original = (PyMemAllocatorEx *)of;
    void *block = faults_due(FAULTS_ALLOCATION, __func__) ? NULL : original->malloc(original->ctx, size);
    allocators_live += block != NULL;
    return block;
}

static void *allocators_calloc(void *of, size_t count, size_t size)
{
    PyMemAllocatorEx *original = (PyMemAllocatorEx *)of;
    void *block =
        faults_due(FAULTS_ALLOCATION, __func__) ? NULL : original->calloc(original->ctx, count, size);
    allocators_live += block != NULL;
    return block;
}

static void *allocators_realloc(void *of, void *old, size_t size)
{
    PyMemAllocatorEx *original = (PyMemAllocatorEx *)of;
    void *block = faults_due(FAULTS_ALLOCATION, __func__) ? NULL : original->realloc(original->ctx, old, size);
    allocators_live += block != NULL && old == NULL;
    return block;
}

static void allocators_free(void *of, void *block)
{
    PyMemAllocatorEx *original = (PyMemAllocatorEx *)of;
    allocators_live -= block != NULL;
    original->free(original->ctx, block);
}

/* From now on everything is counted. The interpreter has one thread. */
static void allocators_begin(void)
{
    static const PyMemAllocatorDomain domains[] = {PYMEM_DOMAIN_RAW, PYMEM_DOMAIN_MEM,
                                                   PYMEM_DOMAIN_OBJ};
    size_t i;
    for (i = 0; i < sizeof(domains) / sizeof(domains[0]); i++) {
        PyMemAllocatorEx ours = {&allocators_original[i], allocators_malloc, allocators_calloc,
                                 allocators_realloc, allocators_free};
        PyMem_GetAllocator(domains[i], &allocators_original[i]);
        PyMem_SetAllocator(domains[i], &ours);
    }
}

#endif
