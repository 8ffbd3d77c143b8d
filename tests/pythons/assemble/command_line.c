/* Python's command line for an executable without Py_BytesMain and Py_RunMain (3.13t).
 *
 * `-c`, `-m`, a script, a folder or archive with a __main__, standard input, and every option that
 * configures the interpreter work as usual, because CPython itself parses them into PyConfig. `-i`
 * is ignored, and there is no line editing on a terminal. */
#include <Python.h>
#include <stdio.h>  /* FILE */
#include <stdlib.h> /* free */
#include <wchar.h>  /* wcsdup */

/* What to run. PyConfig has it only until the interpreter is initialised. */
struct program {
    wchar_t *command;
    wchar_t *module;
    wchar_t *file;
    int computes_path0;
};

static wchar_t *copy(const wchar_t *text)
{
    return text == NULL ? NULL : wcsdup(text);
}

static int failed(void)
{
    PyErr_Print(); /* exits when the exception is SystemExit */
    return 1;
}

static int run_command(const wchar_t *command)
{
    PyObject *text = PyUnicode_FromWideChar(command, -1);
    if (text == NULL) {
        return failed();
    }
    const char *source = PyUnicode_AsUTF8(text);
    PyCompilerFlags flags = _PyCompilerFlags_INIT;
    flags.cf_flags |= PyCF_IGNORE_COOKIE;
    int status = source == NULL ? failed() : PyRun_SimpleStringFlags(source, &flags) != 0;
    Py_DECREF(text);
    return status;
}

static int run_module(const wchar_t *name, int sets_argv0)
{
    PyObject *runpy = PyImport_ImportModule("runpy");
    if (runpy == NULL) {
        return failed();
    }
    PyObject *module = PyUnicode_FromWideChar(name, -1);
    PyObject *result = module == NULL ? NULL
                                      : PyObject_CallMethod(runpy, "_run_module_as_main", "Oi",
                                                            module, sets_argv0);
    Py_XDECREF(module);
    Py_DECREF(runpy);
    if (result == NULL) {
        return failed();
    }
    Py_DECREF(result);
    return 0;
}

/* 1: a folder or archive, now in front of sys.path; 0: an ordinary file; -1: an exception. */
static int import_from(PyObject *path)
{
    PyObject *importer = PyImport_GetImporter(path);
    if (importer == NULL) {
        return -1;
    }
    int answer = importer != Py_None;
    Py_DECREF(importer);
    if (answer) {
        PyObject *sys_path = PySys_GetObject("path"); /* borrowed */
        if (sys_path == NULL || PyList_Insert(sys_path, 0, path) < 0) {
            return -1;
        }
    }
    return answer;
}

static int run_file(PyObject *path)
{
    PyObject *bytes = PyUnicode_EncodeFSDefault(path);
    if (bytes == NULL) {
        return failed();
    }
    int status;
    const char *name = PyBytes_AsString(bytes);
    FILE *file = fopen(name, "rb");
    if (file == NULL) {
        fprintf(stderr, "python: can't open file '%s'\n", name);
        status = 2;
    }
    else {
        PyCompilerFlags flags = _PyCompilerFlags_INIT;
        status = PyRun_AnyFileExFlags(file, name, 1, &flags) != 0;
    }
    Py_DECREF(bytes);
    return status;
}

static int run(const struct program *program, int argc, wchar_t **argv)
{
    PyObject *path = NULL;
    int imports = 0;
    if (program->file != NULL) {
        path = PyUnicode_FromWideChar(program->file, -1);
        imports = path == NULL ? -1 : import_from(path);
        if (imports < 0) {
            Py_XDECREF(path);
            return failed();
        }
    }
    if (!imports && program->computes_path0) {
        PySys_SetArgvEx(argc, argv, 1); /* the script's folder, or where we are */
    }

    int status;
    if (program->command != NULL) {
        status = run_command(program->command);
    }
    else if (program->module != NULL) {
        status = run_module(program->module, 1);
    }
    else if (path != NULL) {
        status = imports ? run_module(L"__main__", 0) : run_file(path);
    }
    else {
        PyCompilerFlags flags = _PyCompilerFlags_INIT;
        status = PyRun_AnyFileExFlags(stdin, "<stdin>", 0, &flags) != 0;
    }
    Py_XDECREF(path);
    return status;
}

__attribute__((visibility("hidden"))) int pythons_command_line(int argc, char **argv)
{
    PyConfig config;
    PyConfig_InitPythonConfig(&config);
    PyStatus status = PyConfig_SetBytesArgv(&config, argc, argv);
    if (!PyStatus_Exception(status)) {
        status = PyConfig_Read(&config);
    }
    struct program program = {
        copy(config.run_command),
        copy(config.run_module),
        copy(config.run_filename),
        !config.safe_path,
    };
    if (!PyStatus_Exception(status)) {
        status = Py_InitializeFromConfig(&config);
    }
    if (PyStatus_Exception(status)) {
        PyConfig_Clear(&config);
        Py_ExitStatusException(status); /* `--version` and `--help` end here too */
    }

    int code = run(&program, (int)config.argv.length, config.argv.items);
    PyConfig_Clear(&config);
    free(program.command);
    free(program.module);
    free(program.file);
    if (Py_FinalizeEx() < 0) {
        code = 120;
    }
    return code;
}
