//! What an audit looks for, as data.

use crate::report::{Breaks, Examines, Level, Rule};

macro_rules! rules {
    ($($examines:ident {
        $($name:ident $id:literal $word:literal $level:ident $breaks:ident $suppressible:literal
          $meaning:literal $hint:literal)*
    })*) => {
        $($(#[doc = $meaning]
        pub static $name: Rule = Rule {
            id: $id,
            name: $word,
            examines: Examines::$examines,
            level: Level::$level,
            breaks: Breaks::$breaks,
            meaning: $meaning,
            hint: $hint,
            suppressible: $suppressible,
        };)*)*

        /// Every rule, by id.
        pub static ALL: &[&Rule] = &[$($(&$name,)*)*];
    };
}

rules! {
    Files {
        OUTSIDE "A101" "outside-the-stable-abi" Break Binary true
            "A module that claims a stable ABI takes a public name from CPython that is not in it, and that any later CPython may drop."
            "compile with `Py_LIMITED_API`, which hides such names, or tag the wheel for one CPython"
        PRIVATE "A102" "private-symbol" Break Binary true
            "A module that claims a stable ABI takes a private name from CPython, which any release may change or drop."
            "use the public function that stands for it, or tag the wheel for one CPython"
        NEWER "A103" "newer-than-the-floor" Break Binary true
            "A module takes a name from CPython that a version which is promised does not export, so that import fails there."
            "raise the floor of the tag, or look the name up at run time"
        STABILISED "A104" "stabilised-after-the-floor" Api Source true
            "A module takes a name that joined the stable ABI after the floor of its tag. Every promised version exports it all the same, except in `python3.dll` on Windows, where import fails."
            "set `Py_LIMITED_API` to the floor of the tag, or raise the floor"
        FREE_THREADED "A105" "missing-on-free-threaded" Break Binary true
            "A module that claims free-threaded builds takes a name that they do not export, and GIL-enabled ones do."
            "look the name up at run time, or use a function that both have"
        UNKNOWN "A106" "unknown-symbol" Undecided Binary true
            "A module takes a name like CPython's that no observed CPython exports: it is newer than what this pyshim knows, of another platform, or of another library."
            "a newer pyshim may know it; else import fails, unless a library that is loaded before has it"
        OPTIONAL "A107" "optional-symbol" Compatible Nothing true
            "A module would offend with a name that it takes weakly, so that it is loaded without it. It has to look whether the name is there before it uses it."
            "nothing has to be done if the module looks before it uses the name"
        LOOKED_UP "A108" "looked-up-by-name" Compatible Nothing true
            "A module looks names up when it runs, and has as text names that would offend if it took them. It has to look whether they are there before it uses them."
            "nothing has to be done if the module looks before it uses a name"
        UNFOUND "A201" "suffix-not-looked-for" Break Binary true
            "A CPython that the wheel promises does not look for files with such a suffix, so it does not find the module. Undecided where the wheel is for any system and any ABI, and the suffix for one CPython: the package may do without the file."
            "name the file with `.abi3.so`, which every GIL-enabled version looks for, or with the bare suffix"
        DISAGREES "A202" "suffix-of-another-abi" Api Binary true
            "The suffix of a file names another ABI than the tags of the wheel that it is in."
            "give the file the suffix of the ABI that it is compiled for"
        METADATA "A203" "tags-disagree" Api Binary true
            "The tags in the file `WHEEL` are not those in the name of the wheel; installers go by the one, and other tools by the other."
            "build the wheel again, or retag it with `wheel tags`, which changes both"
        FORMAT "A204" "format-of-another-platform" Break Binary false
            "A file is in the format of another system than the tags of the wheel name, or is not for a processor that they name."
            "build the wheel again on the platform of its tag"
        HOOKLESS "A301" "no-hook" Break Binary true
            "A file is named like an extension module and has no hook by which CPython makes a module of it."
            "export `PyInit_` with the module's name, or do not give a library the suffix of a module"
        HOOK_MISSING "A302" "hook-for-newer-versions-only" Break Binary false
            "A module has only the hook `PyModExport_`, which the older ones of the promised versions do not call."
            "export `PyInit_` as well, or raise the floor of the tag"
        SLOT "A303" "slot-newer-than-the-floor" Break Binary true
            "A module has a slot that a version which is promised does not know, so that import ends with a SystemError there."
            "raise the floor of the tag, or leave the slot out at run time where it is not known, as `pyshim_module_init` does"
        ABI_SLOT "A304" "abi-slot-of-another-build" Break Binary true
            "The slot `Py_mod_abi` says that a module is for another build than one which is promised, and import fails there."
            "compile with `Py_TARGET_ABI3T` for free-threaded builds, or do not promise them"
        GIL "A305" "gil-switched-on" Api Binary true
            "A module is promised to free-threaded builds and does not say that it does without the GIL. They switch it on when they import it, for the whole process, with no more than a warning."
            "add the slot `Py_mod_gil` with `Py_MOD_GIL_NOT_USED` once the module is safe without the GIL, or do not promise free-threaded builds"
        LIBRARY "A306" "library-like-a-module" Compatible Nothing true
            "A file has the suffix of extension modules, has no hook, and takes nothing from CPython: `ctypes` or `cffi` load it, and an import would not."
            "nothing has to be done if it is not meant to be imported"
        MISUSED_SLOT "A307" "slots-that-are-refused" Break Binary true
            "A module's slots are laid out in a way that no CPython takes: `PyModExport_` gives none that says of which ABI it is, one is there twice, or a function is NULL. Import ends with a SystemError, or in a crash."
            "use `PyABIInfo_VAR` and `Py_mod_abi`, have each slot once, and leave out what there is none of"
        OBJECTS "A308" "objects-of-another-build" Break Binary true
            "A CPython that is promised finds a module for the other kind of build, GIL-enabled or free-threaded, as the head of its definition, the suffix `.abi3.so` or the other tags say; or 3.15t finds one with the head that headers of 3.13t write, which it refuses. Import ends with an exception, or in a crash."
            "build a file for each kind, as `abi3` and `abi3t` or for one version, or promise only the kind that it is for"
        TYPES "A309" "types-with-newer-numbers" Undecided Binary true
            "A universal module makes types with a function of CPython's and not with `PYSHIM_TYPE`: their slots have the numbers of the headers, of which some are a RuntimeError in CPythons before 3.15. Which slots they have cannot be seen."
            "declare such types with `PYSHIM_TYPE`, which has each CPython's own numbers"
        LIBPYTHON "A401" "libpython-needed" Break Binary true
            "A module needs the library of one CPython and is promised to others, on which it is not there, or is a second CPython in one process: of one version, or `python3.dll` where free-threaded builds are promised, which have `python3t.dll`. A wheel for manylinux or musllinux may need none at all (PEP 513): many CPythons of Linux are linked statically."
            "do not link libpython; on Windows link `python3.lib` for `abi3` and `python3t.lib` for `abi3t`, in files of their own"
        MEMBER "A501" "strange-member" Break Nothing false
            "A member of a wheel is a link, lies outside of the wheel, or is there twice, so that different tools see different files."
            "build the wheel again with a tool that writes plain files"
    }
    Imports {
        IMPORT_FAILS "A601" "import-fails" Break Binary false
            "With `--import-check`: a CPython that the wheel promises does not import a module of it."
            "the message is CPython's own; the other findings on the module may say why"
        IMPORT_CRASHES "A602" "import-crashes" Break Binary false
            "With `--import-check`: a CPython that the wheel promises crashes when it imports a module of it, or when it ends after that."
            "run the import under a debugger; a module for GIL-enabled builds that a free-threaded one loads ends so"
        IMPORT_HANGS "A603" "import-hangs" Break Binary false
            "With `--import-check`: importing a module does not end within the time, and the process was ended."
            "give it more time with `--import-timeout`, or look at what the module does when it is imported"
        IMPORT_GIL "A604" "import-switches-the-gil-on" Api Binary true
            "With `--import-check`: a free-threaded CPython ran without the GIL before it imported a module, and with it afterwards."
            "add the slot `Py_mod_gil` with `Py_MOD_GIL_NOT_USED` once the module is safe without the GIL, or do not promise free-threaded builds"
    }
    Files {
        PYTHON_LOST "A701" "cpython-lost" Break Binary true
            "With `--against`: CPythons that load the old wheel do not load the new one; the floor was raised, or the new one does not keep its promise."
            "lower the floor, or keep it and say in the changelog from which version on the package is for newer CPythons only"
        FREE_THREADING_LOST "A702" "free-threading-lost" Break Binary true
            "With `--against`: free-threaded CPythons that load the old wheel do not load the new one."
            "build for free-threaded CPythons again: `abi3t`, or a wheel for each version"
        PLATFORM_LOST "A703" "platform-lost" Break Binary true
            "With `--against`: the new wheel is not for a system that the old one is for, or needs a newer one."
            "build the wheel for that platform again, or say in the changelog what is needed now"
        MODULE_LOST "A704" "module-lost" Break Binary true
            "With `--against`: the new wheel has no extension module of a name that the old one has. Suffixes do not count."
            "put the module back, or say in the changelog that it is gone; a module that only the package itself imports may go"
        GIL_AGAIN "A705" "gil-needed-again" Api Binary true
            "With `--against`: a module of the old wheel says that it does without the GIL, and that of the new one does not."
            "put the slot `Py_mod_gil` back"
        PYTHON_GAINED "A706" "cpython-gained" Addition Nothing true
            "With `--against`: CPythons load the new wheel that do not load the old one."
            "nothing has to be done"
        FREE_THREADING_GAINED "A707" "free-threading-gained" Addition Nothing true
            "With `--against`: free-threaded CPythons load the new wheel that do not load the old one."
            "nothing has to be done"
    }
}
