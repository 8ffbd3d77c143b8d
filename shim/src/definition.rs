// SPDX-License-Identifier: 0BSD
//! Modules and types, declared once for every CPython.

use core::cell::UnsafeCell;
use core::ffi::{CStr, c_int, c_uint, c_void};
use core::ptr;

use crate::{ModGil, Needs, PyObject, ffi};

/// Which interpreters may import a module. Before 3.12 no CPython asks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Interpreters {
    /// The main one.
    MainOnly,
    /// Those that share its GIL, too.
    SharedGil,
    /// Every one.
    OwnGil,
}

/// One thing that is said of a module, as `pyshim_module_slot` in C.
#[derive(Clone, Copy, Debug)]
#[repr(C)]
pub struct ModuleSlot {
    kind: usize,
    value: *const c_void,
}

const _: () = {
    assert!(size_of::<ModuleSlot>() == size_of::<ffi::pyshim_module_slot>());
    assert!(
        core::mem::offset_of!(ModuleSlot, value)
            == core::mem::offset_of!(ffi::pyshim_module_slot, value)
    );
};

// SAFETY: what a slot leads to is static, as its constructors demand.
unsafe impl Sync for ModuleSlot {}

impl ModuleSlot {
    /// Ends an array of them; [`module!`](crate::module!) adds it.
    pub const END: ModuleSlot = ModuleSlot::number(ffi::PYSHIM_KIND_END, 0);

    const fn number(kind: c_int, value: usize) -> ModuleSlot {
        ModuleSlot::address(kind, ptr::without_provenance(value))
    }

    const fn address(kind: c_int, value: *const c_void) -> ModuleSlot {
        ModuleSlot {
            kind: kind as usize,
            value,
        }
    }

    /// The documentation.
    #[must_use]
    pub const fn doc(text: &'static CStr) -> ModuleSlot {
        ModuleSlot::address(ffi::PYSHIM_KIND_DOC, text.as_ptr().cast())
    }

    /// The state that each module object has, all zero at first; `PyModule_GetState` finds it.
    #[must_use]
    pub const fn state<State>() -> ModuleSlot {
        const {
            assert!(
                align_of::<State>() <= 2 * size_of::<usize>(),
                "CPython aligns the state of a module for two pointers"
            );
        }
        ModuleSlot::number(ffi::PYSHIM_KIND_STATE, size_of::<State>())
    }

    /// The functions.
    ///
    /// # Safety
    ///
    /// `methods` is an array of `PyMethodDef` that ends in a zero one, valid as long as the process.
    #[must_use]
    pub const unsafe fn methods<Method>(methods: *const Method) -> ModuleSlot {
        ModuleSlot::address(ffi::PYSHIM_KIND_METHODS, methods.cast())
    }

    /// A function that fills the module: 0, or -1 with an exception.
    ///
    /// # Safety
    ///
    /// It may be called with any new module object of this module, attached.
    #[must_use]
    pub const unsafe fn exec(function: unsafe extern "C" fn(*mut PyObject) -> c_int) -> ModuleSlot {
        ModuleSlot::address(ffi::PYSHIM_KIND_EXEC, function as *const c_void)
    }

    /// What shows the collector the objects in the state, as a `traverseproc` for the module.
    ///
    /// # Safety
    ///
    /// It visits what the state refers to and changes nothing. It may be called before there is a state.
    #[must_use]
    pub const unsafe fn traverse(
        function: unsafe extern "C" fn(*mut PyObject, *mut c_void, *mut c_void) -> c_int,
    ) -> ModuleSlot {
        ModuleSlot::address(ffi::PYSHIM_KIND_TRAVERSE, function as *const c_void)
    }

    /// What lets go of the objects in the state, for the collector: 0.
    ///
    /// # Safety
    ///
    /// It leaves a state that it may be called with again. It may be called before there is one.
    #[must_use]
    pub const unsafe fn clear(
        function: unsafe extern "C" fn(*mut PyObject) -> c_int,
    ) -> ModuleSlot {
        ModuleSlot::address(ffi::PYSHIM_KIND_CLEAR, function as *const c_void)
    }

    /// What ends the state, when the module object goes.
    ///
    /// # Safety
    ///
    /// It is given the module object. It may be called before there is a state, and after `clear`.
    #[must_use]
    pub const unsafe fn free(function: unsafe extern "C" fn(*mut c_void)) -> ModuleSlot {
        ModuleSlot::address(ffi::PYSHIM_KIND_FREE, function as *const c_void)
    }

    /// A type, which the module has as an attribute.
    #[must_use]
    pub const fn type_(definition: &'static TypeDefinition) -> ModuleSlot {
        ModuleSlot::address(ffi::PYSHIM_KIND_TYPE, ptr::from_ref(definition).cast())
    }

    /// On what the module relies to do without the GIL. Without this it needs it.
    #[must_use]
    pub const fn gil(bits: ModGil) -> ModuleSlot {
        ModuleSlot::address(ffi::PYSHIM_KIND_GIL, bits.slot_value())
    }

    /// Which interpreters may import it.
    #[must_use]
    pub const fn interpreters(which: Interpreters) -> ModuleSlot {
        let which = match which {
            Interpreters::MainOnly => ffi::PYSHIM_INTERPRETERS_MAIN_ONLY,
            Interpreters::SharedGil => ffi::PYSHIM_INTERPRETERS_SHARED_GIL,
            Interpreters::OwnGil => ffi::PYSHIM_INTERPRETERS_OWN_GIL,
        };
        ModuleSlot::number(ffi::PYSHIM_KIND_INTERPRETERS, which as usize)
    }
}

/// What a module is compiled as; [`module!`](crate::module!) makes it.
#[repr(transparent)]
#[derive(Debug)]
pub struct ModuleBuild(ffi::pyshim_build);

// SAFETY: nobody writes to it.
unsafe impl Sync for ModuleBuild {}

impl ModuleBuild {
    /// That of these bindings, for a module that cannot do without some families.
    #[must_use]
    pub const fn new(needs: Needs) -> ModuleBuild {
        ModuleBuild(needs.this_build())
    }
}

/// A module; [`module!`](crate::module!) makes it.
#[repr(transparent)]
#[derive(Debug)]
pub struct ModuleDefinition(UnsafeCell<ffi::pyshim_module>);

// SAFETY: the C core changes it by one compare-and-exchange.
unsafe impl Sync for ModuleDefinition {}

impl ModuleDefinition {
    /// A module of this name.
    ///
    /// # Panics
    ///
    /// When [`ModuleSlot::END`] is not the last.
    #[must_use]
    pub const fn new(
        name: &'static CStr,
        slots: &'static [ModuleSlot],
        build: &'static ModuleBuild,
    ) -> ModuleDefinition {
        assert!(slots[slots.len() - 1].kind == ffi::PYSHIM_KIND_END as usize);
        ModuleDefinition(UnsafeCell::new(ffi::pyshim_module {
            name: name.as_ptr(),
            slots: slots.as_ptr().cast(),
            made: ptr::null_mut(),
            build: &raw const build.0,
            reserved: ptr::null_mut(),
        }))
    }

    /// What `PyInit_NAME` returns.
    ///
    /// # Safety
    ///
    /// CPython called that hook.
    pub unsafe fn init(&'static self) -> *mut PyObject {
        // SAFETY: the thread is attached, and the module lives as long as the process.
        unsafe { ffi::pyshim_module_hook_init(self.0.get()) }
    }

    /// What `PyModExport_NAME` returns.
    ///
    /// # Safety
    ///
    /// CPython called that hook.
    pub unsafe fn export(&'static self) -> *mut c_void {
        // SAFETY: the thread is attached, and the module lives as long as the process.
        unsafe { ffi::pyshim_module_hook_export(self.0.get()) }
    }
}

/// A type whose objects have data of one struct, wherever the running CPython has room for it.
#[repr(transparent)]
#[derive(Debug)]
pub struct TypeDefinition(UnsafeCell<ffi::pyshim_type>);

// SAFETY: the C core changes it by one compare-and-exchange.
unsafe impl Sync for TypeDefinition {}

impl TypeDefinition {
    /// A type of this name, which begins with that of the module and a dot. `flags` are
    /// `Py_TPFLAGS_*`.
    ///
    /// # Safety
    ///
    /// `slots` is an array of `PyType_Slot` that ends in a zero one, valid as long as the process, whose
    /// functions fit `Data`. Members among them count from the beginning of `Data`, which is valid
    /// when it is all zero.
    #[must_use]
    pub const unsafe fn new<Data, Slot>(
        name: &'static CStr,
        flags: c_uint,
        slots: *const Slot,
    ) -> TypeDefinition {
        assert!(size_of::<Data>() <= u32::MAX as usize);
        assert!(align_of::<Data>() <= 2 * size_of::<*mut ()>());
        TypeDefinition(UnsafeCell::new(ffi::pyshim_type {
            name: name.as_ptr(),
            slots: slots.cast(),
            size: size_of::<Data>() as u32,
            flags,
            made: ptr::null(),
            reserved: ptr::null_mut(),
        }))
    }

    /// The data of an object.
    ///
    /// # Safety
    ///
    /// `object` is of the type, or of one that derives from it, and `Data` is that of the type.
    #[must_use]
    pub unsafe fn data<Data>(&'static self, object: *mut PyObject) -> *mut Data {
        // SAFETY: there is an object, so the C core has made the type, and never changes it again;
        // what it made begins with the place of the data.
        unsafe {
            let made = (*self.0.get()).made;
            object.byte_add(*made.cast::<usize>()).cast()
        }
    }

    /// Makes the type in this interpreter, over another base than `object`: a new reference, or NULL
    /// with an exception.
    ///
    /// # Safety
    ///
    /// The thread is attached, and both are objects of this interpreter: a module and a type.
    pub unsafe fn make(&'static self, module: *mut PyObject, base: *mut PyObject) -> *mut PyObject {
        // SAFETY: as the caller says.
        unsafe { ffi::pyshim_type_new(module, self.0.get(), base) }
    }

    /// The end of a `tp_dealloc`: ends what the base has in the object, and gives back the memory and the
    /// reference to the type.
    ///
    /// # Safety
    ///
    /// The `tp_dealloc` of this type calls it, once, and after it nothing is done with the object.
    pub unsafe fn dealloc_base(&'static self, object: *mut PyObject) {
        // SAFETY: as the caller says.
        unsafe { ffi::pyshim_type_dealloc_base(self.0.get(), object) }
    }

    /// The end of a `tp_traverse`: visits what the base has in the object, and the type of that. It
    /// returns what `visit` returns.
    ///
    /// # Safety
    ///
    /// The `tp_traverse` of this type calls it, once, with what it was given.
    pub unsafe fn traverse_base(
        &'static self,
        object: *mut PyObject,
        visit: unsafe extern "C" fn(*mut PyObject, *mut c_void) -> c_int,
        arg: *mut c_void,
    ) -> c_int {
        // SAFETY: as the caller says.
        unsafe { ffi::pyshim_type_traverse_base_by(self.0.get(), object, visit as usize, arg) }
    }

    /// The end of a `tp_clear`: lets go of what the base has in the object.
    ///
    /// # Safety
    ///
    /// The `tp_clear` of this type calls it, with what it was given.
    pub unsafe fn clear_base(&'static self, object: *mut PyObject) -> c_int {
        // SAFETY: as the caller says.
        unsafe { ffi::pyshim_type_clear_base(self.0.get(), object) }
    }

    /// The state of the module that the type belongs to, or NULL with an exception.
    ///
    /// # Safety
    ///
    /// The thread is attached, `cls` is the type or derives from it, and `State` is that of the module.
    pub unsafe fn state<State>(&'static self, cls: *mut PyObject) -> *mut State {
        // SAFETY: as the caller says.
        unsafe { ffi::pyshim_type_state(self.0.get(), cls) }.cast()
    }
}

/// Declares the module of an extension, with the hooks that CPythons before and since 3.15 look for.
///
/// ```no_run
/// use core::ffi::c_int;
/// use pyshim::{Interpreters, ModGil, ModuleSlot, Needs, PyObject};
///
/// unsafe extern "C" fn fill(_module: *mut PyObject) -> c_int {
///     0
/// }
///
/// pyshim::module! {
///     example, Needs::CRITICAL_SECTION,
///     [
///         ModuleSlot::doc(c"An example."),
///         // SAFETY: it takes any module.
///         unsafe { ModuleSlot::exec(fill) },
///         ModuleSlot::gil(ModGil::SECTIONS),
///         ModuleSlot::interpreters(Interpreters::OwnGil),
///     ]
/// }
/// ```
#[macro_export]
macro_rules! module {
    ($name:ident, $needs:expr, [$($slot:expr),* $(,)?] $(,)?) => {
        const _: () = {
            static SLOTS: &[$crate::ModuleSlot] = &[$($slot,)* $crate::ModuleSlot::END];
            static BUILD: $crate::ModuleBuild = $crate::ModuleBuild::new($needs);
            static MODULE: $crate::ModuleDefinition = $crate::ModuleDefinition::new(
                match ::core::ffi::CStr::from_bytes_with_nul(
                    ::core::concat!(::core::stringify!($name), "\0").as_bytes(),
                ) {
                    Ok(name) => name,
                    Err(_) => ::core::panic!("a module's name has no NUL"),
                },
                SLOTS,
                &BUILD,
            );

            #[unsafe(export_name = ::core::concat!("PyInit_", ::core::stringify!($name)))]
            unsafe extern "C" fn init() -> *mut $crate::PyObject {
                // SAFETY: CPython calls it.
                unsafe { MODULE.init() }
            }

            #[unsafe(export_name = ::core::concat!("PyModExport_", ::core::stringify!($name)))]
            unsafe extern "C" fn export() -> *mut ::core::ffi::c_void {
                // SAFETY: CPython calls it.
                unsafe { MODULE.export() }
            }
        };
    };
}
