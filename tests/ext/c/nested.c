/* A module whose GIL slot is not among its slots, but in an array that they lead to: from PyInit in
 * an array of the new kind, and from PyModExport in one of the old kind, below one of the new. */
#include "pyshim.h"

static int exec(PyObject *module)
{
    return PyModule_AddIntConstant(module, "executed", 1);
}

static PyModuleDef_Slot old_slots[] = {
    {PYSHIM_MOD_GIL_SLOT, PYSHIM_MOD_GIL_VALUE(NESTED_GIL_BITS)},
    {Py_mod_exec, (void *)exec},
    {0, NULL},
};

static PySlot middle_slots[] = {
    PySlot_PTR(Py_mod_doc, "Nested."),
    PySlot_PTR_STATIC(Py_mod_slots, old_slots),
    PySlot_END,
};

#ifdef NESTED_EXPORTED
PyABIInfo_VAR(abi_info);

static PySlot slots[] = {
    PySlot_PTR(Py_mod_name, "nested"),
    PySlot_PTR(Py_mod_abi, &abi_info),
    PySlot_PTR_STATIC(Py_slot_subslots, middle_slots),
    PySlot_END,
};

PyMODEXPORT_FUNC PyModExport_nested(void)
{
    return pyshim_module_export(slots);
}
#else
static PySlot new_slots[] = {
    PySlot_PTR(PYSHIM_MOD_GIL_SLOT, PYSHIM_MOD_GIL_VALUE(NESTED_GIL_BITS)),
    PySlot_PTR(Py_mod_exec, exec),
    PySlot_END,
};

static PyModuleDef_Slot slots[] = {
    {Py_slot_subslots, new_slots},
    {0, NULL},
};

static PyModuleDef definition = {
    PyModuleDef_HEAD_INIT, "nested", "Nested.", 0, NULL, slots, NULL, NULL, NULL,
};

PyMODINIT_FUNC PyInit_nested(void)
{
    (void)middle_slots;
    return pyshim_module_init(&definition);
}
#endif
