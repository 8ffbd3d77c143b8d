/* Bits as the value of a slot: {PYSHIM_MOD_GIL_SLOT, PYSHIM_MOD_GIL_VALUE(bits)}. */
#define PYSHIM_MOD_GIL_VALUE(bits) ((void *)(uintptr_t)(bits))

#ifndef PYSHIM_NO_PYTHON_H
/* For PyInit_NAME: `return pyshim_module_init(&definition);`. */
static inline PyObject *pyshim_module_init(PyModuleDef *definition)
{
    pyshim_build build = pyshim_this_build();
    return pyshim_module_init_build((void *)definition, &build);
}

#ifdef PySlot_PTR
/* For PyModExport_NAME: `return pyshim_module_export(slots);`. */
static inline PySlot *pyshim_module_export(PySlot *slots)
{
    pyshim_build build = pyshim_this_build();
    return (PySlot *)pyshim_module_export_build((void *)slots, &build);
}
#endif
#endif
