/* From a definition, or from slots only, to a module. */
#include "standin.h"
#include <stdlib.h> /* calloc */

PyTypeObject PyModuleDef_Type = {
    .tp_name = "moduledef",
    .tp_basicsize = sizeof(PyModuleDef),
};

static Py_ssize_t n_definitions;

PyObject *PyModuleDef_Init(PyModuleDef *def)
{
#ifdef STANDIN_FT
    enum { LEGACY_ABI_CHECK = 2, STATICALLY_ALLOCATED = 4 };
    uint16_t flags = def->ob_base.ob_flags;
    if (standin.minor >= 15 && (!(flags & STATICALLY_ALLOCATED) || (flags & LEGACY_ABI_CHECK))) {
        return PyErr_Format(PyExc_SystemError, "invalid PyModuleDef, extension possibly compiled "
                                               "for non-free-threaded Python");
    }
#endif
    if (def->m_index == 0) {
        def->m_index = ++n_definitions;
        def->ob_base.ob_type = &PyModuleDef_Type;
    }
    return (PyObject *)def;
}

static PyObject *spec_name(PyObject *spec)
{
    return PyObject_GetAttrString(spec, "name");
}

/* The module itself, by the create slot or without one. */
static PyObject *create(struct standin_slots *slots, PyObject *spec, PyObject *name)
{
    if (slots->create == NULL) {
        return PyModule_NewObject(name);
    }
    PyObject *made = slots->create(spec, slots->def);
    if (made == NULL && PyErr_Occurred() == NULL) {
        return PyErr_Format(PyExc_SystemError,
                            "creation of module %s failed without setting an exception",
                            slots->module);
    }
    if (made != NULL && PyErr_Occurred() != NULL) {
        Py_DecRef(made);
        PyErr_Clear();
        return PyErr_Format(PyExc_SystemError, "creation of module %s raised unreported exception",
                            slots->module);
    }
    return made;
}

static int refuse_non_module(struct standin_slots *slots, bool wants_state)
{
    if (wants_state) {
        PyErr_Format(PyExc_SystemError,
                     "module %s is not a module object, but requests module state", slots->module);
        return -1;
    }
    if (slots->n_exec != 0) {
        PyErr_Format(
            PyExc_SystemError,
            "module %s specifies execution slots, but did not create a ModuleType instance",
            slots->module);
        return -1;
    }
    return 0;
}

static int dress(PyObject *op, PyMethodDef *methods, const char *doc)
{
    if (methods != NULL && PyModule_AddFunctions(op, methods) < 0) {
        return -1;
    }
    return doc != NULL ? PyModule_SetDocString(op, doc) : 0;
}

static PyObject *from_def(PyModuleDef *def, PyObject *spec, PyObject *name)
{
    struct standin_slots slots = {.module = PyUnicode_AsUTF8(name), .def = def};
    if (def->m_size < 0) {
        return PyErr_Format(PyExc_SystemError,
                            "module %s: m_size may not be negative for multi-phase initialization",
                            slots.module);
    }
    if (standin_read_def_slots(&slots) < 0) {
        return NULL;
    }
    PyObject *made = create(&slots, spec, name);
    if (made == NULL) {
        return NULL;
    }
    if (standin_is_module(made)) {
        standin_module *module = (standin_module *)made;
        module->def = def;
        module->token = def;
        module->state_size = def->m_size;
        module->requires_gil = slots.requires_gil;
    } else if (refuse_non_module(&slots, def->m_size > 0) < 0) {
        Py_DecRef(made);
        return NULL;
    }
    if (dress(made, def->m_methods, def->m_doc) < 0) {
        Py_DecRef(made);
        return NULL;
    }
    return made;
}

PyObject *PyModule_FromDefAndSpec2(PyModuleDef *def, PyObject *spec, UNUSED int api)
{
    PyModuleDef_Init(def);
    PyObject *name = spec_name(spec);
    PyObject *made = name == NULL ? NULL : from_def(def, spec, name);
    Py_DecRef(name);
    return made;
}

static PyObject *from_slots(const PySlot *array, PyObject *spec, PyObject *name)
{
    struct standin_slots slots = {.module = PyUnicode_AsUTF8(name)};
    if (standin_read_slots(&slots, array) < 0) {
        return NULL;
    }
    /* The export hook ran without the GIL; what comes now may need it. */
    if (slots.requires_gil && standin_gil_enable_for_module(slots.module) < 0) {
        return NULL;
    }
    PyObject *made = create(&slots, spec, name);
    if (made == NULL) {
        return NULL;
    }
    if (standin_is_module(made)) {
        standin_module *module = (standin_module *)made;
        module->requires_gil = slots.requires_gil;
        module->state_size = slots.state_size;
        module->state_free = slots.state_free;
        module->token = slots.token;
        module->exec = slots.n_exec != 0 ? slots.exec[0] : NULL;
    } else if (refuse_non_module(&slots, slots.state_size > 0) < 0) {
        Py_DecRef(made);
        return NULL;
    }
    if (dress(made, slots.methods, slots.doc) < 0) {
        Py_DecRef(made);
        return NULL;
    }
    return made;
}

PyObject *PyModule_FromSlotsAndSpec(const PySlot *array, PyObject *spec)
{
    PyObject *name = spec_name(spec);
    PyObject *made = name == NULL ? NULL : from_slots(array, spec, name);
    Py_DecRef(name);
    return made;
}

static int run_exec(PyObject *op, int (*exec)(PyObject *))
{
    int result = exec(op);
    const char *name = PyModule_GetName(op);
    if (result != 0 && PyErr_Occurred() == NULL) {
        PyErr_Format(PyExc_SystemError,
                     "execution of module %s failed without setting an exception", name);
    } else if (result == 0 && PyErr_Occurred() != NULL) {
        PyErr_Clear();
        PyErr_Format(PyExc_SystemError, "execution of module %s raised unreported exception", name);
        return -1;
    }
    return result != 0 ? -1 : 0;
}

static int allocate_state(standin_module *module)
{
    if (module->state == NULL && module->state_size > 0) {
        module->state = calloc(1, (size_t)module->state_size);
        if (module->state == NULL) {
            PyErr_NoMemory();
            return -1;
        }
    }
    return 0;
}

int PyModule_ExecDef(PyObject *op, PyModuleDef *def)
{
    if (!standin_is_module(op)) {
        return 0;
    }
    struct standin_slots slots = {.module = PyModule_GetName(op), .def = def};
    if (allocate_state((standin_module *)op) < 0 || standin_read_def_slots(&slots) < 0) {
        return -1;
    }
    for (int i = 0; i < slots.n_exec; i++) {
        if (run_exec(op, slots.exec[i]) < 0) {
            return -1;
        }
    }
    return 0;
}

int PyModule_Exec(PyObject *op)
{
    standin_module *module = (standin_module *)op;
    if (!standin_is_module(op)) {
        return 0;
    }
    if (module->def != NULL) {
        return PyModule_ExecDef(op, module->def);
    }
    if (allocate_state(module) < 0) {
        return -1;
    }
    return module->exec != NULL ? run_exec(op, module->exec) : 0;
}

/* Single-phase initialisation. */
PyObject *PyModule_Create2(PyModuleDef *def, UNUSED int api)
{
    if (PyModuleDef_Init(def) == NULL) {
        return NULL;
    }
    if (def->m_slots != NULL) {
        return PyErr_Format(PyExc_SystemError,
                            "module %s: PyModule_Create is incompatible with m_slots", def->m_name);
    }
    PyObject *made = PyModule_New(def->m_name);
    if (made == NULL) {
        return NULL;
    }
    standin_module *module = (standin_module *)made;
    module->def = def;
    module->state_size = def->m_size;
    if (allocate_state(module) < 0 || dress(made, def->m_methods, def->m_doc) < 0) {
        Py_DecRef(made);
        return NULL;
    }
    return made;
}
