//! CPython's stable ABI, as far as this extension calls it.

use core::ffi::{c_char, c_int, c_long, c_longlong, c_void};

use pyshim::PyObject;

pub(crate) const METH_VARARGS: c_int = 0x1;
pub(crate) const METH_NOARGS: c_int = 0x4;
pub(crate) const METH_O: c_int = 0x8;

pub(crate) type PyCFunction = unsafe extern "C" fn(*mut PyObject, *mut PyObject) -> *mut PyObject;

#[repr(C)]
pub(crate) struct PyMethodDef {
    pub(crate) ml_name: *const c_char,
    pub(crate) ml_meth: Option<PyCFunction>,
    pub(crate) ml_flags: c_int,
    pub(crate) ml_doc: *const c_char,
}

unsafe extern "C" {
    /// `None`.
    pub(crate) static mut _Py_NoneStruct: PyObject;

    pub(crate) fn PyBool_FromLong(value: c_long) -> *mut PyObject;
    pub(crate) fn PyErr_Occurred() -> *mut PyObject;
    pub(crate) fn PyList_Append(list: *mut PyObject, item: *mut PyObject) -> c_int;
    pub(crate) fn PyList_New(length: isize) -> *mut PyObject;
    pub(crate) fn PyLong_AsLong(object: *mut PyObject) -> c_long;
    pub(crate) fn PyLong_FromLongLong(value: c_longlong) -> *mut PyObject;
    pub(crate) fn PyEval_SaveThread() -> *mut c_void;
    pub(crate) fn PyEval_RestoreThread(state: *mut c_void);
    pub(crate) fn PyObject_CallObject(
        callable: *mut PyObject,
        arguments: *mut PyObject,
    ) -> *mut PyObject;
    pub(crate) fn PyObject_SetAttrString(
        object: *mut PyObject,
        name: *const c_char,
        value: *mut PyObject,
    ) -> c_int;
    pub(crate) fn PyTuple_GetItem(tuple: *mut PyObject, index: isize) -> *mut PyObject;
    pub(crate) fn PyUnicode_FromString(text: *const c_char) -> *mut PyObject;
}
