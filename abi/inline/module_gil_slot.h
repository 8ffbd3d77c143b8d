/* Bits as the value of a slot: {PYSHIM_MOD_GIL_SLOT, PYSHIM_MOD_GIL_VALUE(bits)}. */
#ifdef __cplusplus
#define PYSHIM_MOD_GIL_VALUE(bits) reinterpret_cast<void *>(static_cast<uintptr_t>(bits))
#else
#define PYSHIM_MOD_GIL_VALUE(bits) ((void *)(uintptr_t)(bits))
#endif

#ifndef PYSHIM_NO_PYTHON_H
/* For PyInit_NAME: `return pyshim_module_init(&definition);`. */
static inline PyObject *pyshim_module_init(PyModuleDef *definition)
{
    pyshim_build build = pyshim_this_build();
    return pyshim_module_init_build(definition, &build);
}

/* For PyInit_NAME of a module with single-phase initialisation, which has no slots. 0, or -1 with an
 * exception. */
static inline int pyshim_module_set_gil(PyObject *module, uint32_t bits)
{
    pyshim_build build = pyshim_this_build();
    return pyshim_module_set_gil_build(module, bits, &build);
}

#ifdef PySlot_PTR
/* For PyModExport_NAME: `return pyshim_module_export(slots);`. */
static inline PySlot *pyshim_module_export(PySlot *slots)
{
    pyshim_build build = pyshim_this_build();
    return PYSHIM_CAST(PySlot *, pyshim_module_export_build(slots, &build));
}
#endif
#endif
