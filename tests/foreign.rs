//! What linkers for Windows and macOS make of a module is read as what Linux's makes: the hooks and slots of
//! it, the libraries that it needs, and who loads it.

use std::path::{Path, PathBuf};
use std::process::Command;

use object::LittleEndian as LE;
use object::read::pe::PeFile64;

use conformance::place::{root, scratch};
use conformance::run::succeed;
use conformance::wheel;
use pyshim_gen::audit::audit;
use pyshim_gen::report::Report;

type Result = std::result::Result<(), String>;

/// A module of pyshim's, with what a macro would write, for there are no headers of other systems here.
const MODULE: &str = "
#include \"pyshim.h\"
#ifdef _WIN32
#define HOOK __declspec(dllexport)
#else
#define HOOK __attribute__((visibility(\"default\")))
#endif
static const pyshim_build build = PYSHIM_THIS_BUILD;
static const pyshim_module_slot slots[] = {
    {PYSHIM_KIND_GIL, PYSHIM_MOD_GIL_ALL},
    {PYSHIM_KIND_END, 0},
};
static pyshim_module demo = {\"demo\", slots, 0, &build, 0};
HOOK PyObject *PyInit_demo(void);
HOOK PyObject *PyInit_demo(void)
{
    return pyshim_module_hook_init(&demo);
}
";
const SAYS: &str = "by `PyInit_`: GIL not needed, made by pyshim when it is loaded";

fn file(path: PathBuf, text: &str) -> std::result::Result<PathBuf, String> {
    std::fs::write(&path, text).map_err(|error| format!("{}: {error}", path.display()))?;
    Ok(path)
}

/// What is said of the module in a wheel with that tag.
fn audited(folder: &Path, tag: &str, module: &Path) -> std::result::Result<Report, String> {
    let made = folder.join(format!("demo-1.0-{tag}.whl"));
    wheel::pack(module, &made)?;
    let report = audit(&[made]);
    assert_eq!(report.failures, [""; 0], "{tag}");
    assert_eq!(said(&report), [SAYS], "{tag}");
    Ok(report)
}

/// The codes of what is found.
fn codes(report: &Report) -> Vec<&'static str> {
    report.findings.iter().map(|one| one.rule.id).collect()
}

fn said(report: &Report) -> Vec<&str> {
    report
        .declared
        .iter()
        .map(|one| one.says.as_str())
        .collect()
}

/// The module and all of the C core.
fn windows_objects(folder: &Path) -> std::result::Result<Vec<PathBuf>, String> {
    let source = file(folder.join("module.c"), MODULE)?;
    let mut objects = Vec::new();
    for (name, source) in [
        ("module.o", source),
        ("core.o", root().join("shim/csrc/pyshim.c")),
    ] {
        let object = folder.join(name);
        let mut compiler = Command::new("x86_64-w64-mingw32-gcc");
        compiler.args(["-O2", "-DPYSHIM_NO_PYTHON_H", "-c"]);
        compiler.arg("-I").arg(root().join("include"));
        succeed(compiler.arg(source).arg("-o").arg(&object))?;
        objects.push(object);
    }
    Ok(objects)
}

/// These, linked with a DLL of CPython's by that name.
fn windows(
    folder: &Path,
    objects: &[PathBuf],
    library: &str,
) -> std::result::Result<PathBuf, String> {
    // CPython's import library has all of its functions; what is taken is enough.
    let mut nm = Command::new("x86_64-w64-mingw32-nm");
    let undefined = succeed(nm.args(["-u", "--format=posix"]).args(objects))?;
    let names = undefined
        .lines()
        .filter_map(|line| line.split_whitespace().next());
    let names = names.map(|name| name.trim_start_matches("__imp_"));
    let names = names.filter(|name| name.starts_with("Py") || name.starts_with("_Py"));
    let listed = format!(
        "LIBRARY {library}\nEXPORTS\n{}\n",
        Vec::from_iter(names).join("\n")
    );
    let definition = file(folder.join("python.def"), &listed)?;
    let import = folder.join("libpython.a");
    let mut dlltool = Command::new("x86_64-w64-mingw32-dlltool");
    succeed(dlltool.arg("-d").arg(definition).arg("-l").arg(&import))?;
    let module = folder.join("demo.pyd");
    let mut linker = Command::new("x86_64-w64-mingw32-gcc");
    linker.arg("-shared").args(objects).arg(&import);
    succeed(linker.arg("-o").arg(&module))?;
    Ok(module)
}

/// The C core looks for what not every CPython has.
const LOOKS_UP: &[&str] = &["A108"];

#[test]
fn a_module_for_windows_is_read() -> Result {
    let objects = windows_objects(&scratch("foreign::objects"))?;
    for (library, tag, expected) in [
        ("python3.dll", "cp38-abi3-win_amd64", LOOKS_UP),
        ("python3t.dll", "cp315-abi3t-win_amd64", LOOKS_UP),
        ("python315.dll", "cp315-cp315-win_amd64", &[]),
        ("python314.dll", "cp38-abi3-win_amd64", &["A401", "A108"]),
        ("python3.dll", "cp315-abi3t-win_amd64", &["A401", "A108"]),
    ] {
        let folder = scratch(&format!("foreign::{library}::{tag}"));
        let report = audited(&folder, tag, &windows(&folder, &objects, library)?)?;
        assert_eq!(codes(&report), expected, "{library} {tag}");
    }
    Ok(())
}

/// As delvewheel leaves one whose DLLs it renames: where a longer name has no place among the others.
#[test]
fn a_module_whose_dlls_were_renamed_is_read() -> Result {
    let objects = windows_objects(&scratch("foreign::renamed_objects"))?;
    for (library, expected) in [
        ("python3.dll", LOOKS_UP),
        ("python314.dll", &["A401", "A108"]),
    ] {
        let folder = scratch(&format!("foreign::renamed::{library}"));
        let module = windows(&folder, &objects, library)?;
        let data = std::fs::read(&module).map_err(|error| error.to_string())?;
        let moved = with_names_elsewhere(data).map_err(|error| error.to_string())?;
        std::fs::write(&module, moved).map_err(|error| error.to_string())?;
        let report = audited(&folder, "cp38-abi3-win_amd64", &module)?;
        assert_eq!(codes(&report), expected, "{library}");
    }
    Ok(())
}

/// Moves the names of all DLLs into the section that has the machine code, over what is there.
fn with_names_elsewhere(mut data: Vec<u8>) -> object::Result<Vec<u8>> {
    let whole = data.clone();
    let file = PeFile64::parse(whole.as_slice())?;
    let sections = file.section_table();
    let code = sections.iter().next().expect("it has code");
    let (mut address, (place, _)) = (code.virtual_address.get(LE), code.pe_file_range());
    let mut place = place as usize;
    let table = file.import_table()?.expect("it takes something");
    let mut descriptors = table.descriptors()?;
    while let Some(one) = descriptors.next()? {
        let name = table.name(one.name.get(LE))?;
        data[place..=place + name.len()].copy_from_slice(&[name, b"\0"].concat());
        // Descriptors are borrowed from the file, and so are as far from its beginning here as in it.
        let field = std::ptr::from_ref(&one.name) as usize - whole.as_ptr() as usize;
        data[field..field + 4].copy_from_slice(&address.to_le_bytes());
        let length = name.len() + 1;
        (address, place) = (address + length as u32, place + length);
    }
    Ok(data)
}

/// Without the C core, which wants the system's own headers: CPython would not find its functions.
#[test]
fn a_module_for_macos_is_read() -> Result {
    for machine in ["arm64", "x86_64"] {
        let folder = scratch(&format!("foreign::{machine}"));
        let source = file(folder.join("module.c"), MODULE)?;
        let object = folder.join("module.o");
        let mut compiler = Command::new("clang");
        compiler.args(["-target", &format!("{machine}-apple-macos12"), "-O2", "-c"]);
        // There are no headers of macOS here, and those of Linux are wrong.
        compiler.arg("-ffreestanding");
        compiler
            .arg("-DPYSHIM_NO_PYTHON_H")
            .arg("-I")
            .arg(root().join("include"));
        succeed(compiler.arg(source).arg("-o").arg(&object))?;
        let module = folder.join("demo.abi3.so");
        let mut linker = Command::new("lld");
        linker.args(["-flavor", "darwin", "-bundle", "-arch", machine]);
        linker.args(["-platform_version", "macos", "12.0", "12.0"]);
        linker.args(["-undefined", "dynamic_lookup"]);
        succeed(linker.arg(&object).arg("-o").arg(&module))?;
        let tag = format!("cp38-abi3-macosx_12_0_{machine}");
        let report = audited(&folder, &tag, &module)?;
        assert_eq!(codes(&report), [""; 0], "{machine}");
    }
    Ok(())
}

/// A module that takes one name which only the full API has.
const GUEST: &str = "
#ifdef _WIN32
#define HOOK __declspec(dllexport)
#else
#define HOOK __attribute__((visibility(\"default\")))
#endif
void *PyModule_Create2(void);
void PyRun_String(void);
HOOK void *PyInit_demo(void);
HOOK void *PyInit_demo(void)
{
    PyRun_String();
    return PyModule_Create2();
}
";

/// The codes of what is found in the module in a wheel with that tag.
fn found(
    folder: &Path,
    tag: &str,
    module: &Path,
) -> std::result::Result<Vec<&'static str>, String> {
    let made = folder.join(format!("demo-1.0-{tag}.whl"));
    wheel::pack(module, &made)?;
    let report = audit(&[made]);
    assert_eq!(report.failures, [""; 0], "{tag}");
    Ok(codes(&report))
}

/// What links to a DLL by that name, which has one function.
fn import_library(
    folder: &Path,
    library: &str,
    function: &str,
) -> std::result::Result<PathBuf, String> {
    let listed = format!("LIBRARY {library}\nEXPORTS\n{function}\n");
    let definition = file(folder.join(format!("{function}.def")), &listed)?;
    let import = folder.join(format!("lib{function}.a"));
    let mut dlltool = Command::new("x86_64-w64-mingw32-dlltool");
    succeed(dlltool.arg("-d").arg(definition).arg("-l").arg(&import))?;
    Ok(import)
}

/// A DLL beside the module may have names like CPython's, as pywin32's have.
#[test]
fn what_another_dll_has_is_not_taken_from_cpython() -> Result {
    for (library, expected) in [
        ("python3.dll", &["A101"][..]),
        ("PYTHON314_D.dll", &["A101"]),
        ("pythoncom314.dll", &[]),
        ("companion.abi3.dll", &[]),
    ] {
        let folder = scratch(&format!("foreign::guest::{library}"));
        let source = file(folder.join("module.c"), GUEST)?;
        let module = folder.join("demo.pyd");
        let mut compiler = Command::new("x86_64-w64-mingw32-gcc");
        compiler.arg("-shared").arg(source);
        compiler.arg(import_library(&folder, "python3.dll", "PyModule_Create2")?);
        compiler.arg(import_library(&folder, library, "PyRun_String")?);
        succeed(compiler.arg("-o").arg(&module))?;
        let codes = found(&folder, "cp38-abi3-win_amd64", &module)?;
        assert_eq!(codes, expected, "{library}");
    }
    Ok(())
}

/// The same of a library of macOS, where a module says of each name which library has it, or that any may.
#[test]
fn what_another_dylib_has_is_not_taken_from_cpython() -> Result {
    for (library, how, expected) in [
        (
            "@rpath/libpython3.14.dylib",
            "-twolevel_namespace",
            &["A101"][..],
        ),
        (
            "@rpath/Python.framework/Versions/3.14/Python",
            "-twolevel_namespace",
            &["A101"],
        ),
        ("@rpath/libcompanion.dylib", "-twolevel_namespace", &[]),
        ("@rpath/libcompanion.dylib", "-flat_namespace", &["A101"]),
    ] {
        let folder = scratch(&format!(
            "foreign::guest{how}::{}",
            library.replace('/', ":")
        ));
        let object = |name: &str, text: &str| {
            let source = file(folder.join(format!("{name}.c")), text)?;
            let object = folder.join(format!("{name}.o"));
            let mut compiler = Command::new("clang");
            compiler.args(["-target", "arm64-apple-macos12", "-ffreestanding", "-c"]);
            succeed(compiler.arg(source).arg("-o").arg(&object))?;
            Ok::<_, String>(object)
        };
        let linker = || {
            let mut linker = Command::new("lld");
            linker.args(["-flavor", "darwin", "-arch", "arm64"]);
            linker.args(["-platform_version", "macos", "12.0", "12.0"]);
            linker
        };
        let companion = folder.join("companion.dylib");
        let mut of_companion = linker();
        of_companion.args(["-dylib", "-install_name", library]);
        of_companion.arg(object("companion", "void PyRun_String(void) {}\n")?);
        succeed(of_companion.arg("-o").arg(&companion))?;
        let module = folder.join("demo.abi3.so");
        let mut of_module = linker();
        of_module.args(["-bundle", how, "-undefined", "dynamic_lookup"]);
        of_module.arg(object("module", GUEST)?).arg(companion);
        succeed(of_module.arg("-o").arg(&module))?;
        let mut codes = found(&folder, "cp38-abi3-macosx_12_0_arm64", &module)?;
        // That a library of CPython's is needed at all is found as well.
        codes.retain(|code| *code != "A401");
        assert_eq!(codes, expected, "{library} {how}");
    }
    Ok(())
}
