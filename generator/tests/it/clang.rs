//! libclang's reading of C headers: everything that C can declare, on machines of each data model.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use pyshim_gen::observe::Trouble;
use pyshim_gen::observe::clang::{Request, Wanted, observe, observe_all};
use pyshim_gen::surface::write::write;
use pyshim_gen::surface::{Form, Kind, Layout, Surface, Value};

fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/clang")
}

/// A file of C, read for a target; all that it declares.
fn request(file: &Path, target: Option<&str>) -> Request {
    let target = target.map(|target| format!("--target={target}"));
    Request {
        header: format!("#include \"{}\"", file.display()),
        arguments: target.into_iter().collect(),
        wanted: Wanted::Under(vec![file.to_owned()]),
        label: "full".to_owned(),
    }
}

/// A text of C, read here; the names that are given.
fn read(text: &str, names: &[&str]) -> Surface {
    let request = Request {
        header: text.to_owned(),
        arguments: Vec::new(),
        wanted: Wanted::Names(names.iter().map(|name| (*name).to_owned()).collect()),
        label: "full".to_owned(),
    };
    observe(&request).unwrap_or_else(|failure| panic!("{failure}"))
}

fn is_as_blessed(target: &str) {
    let surface = observe(&request(&folder().join("everything.h"), Some(target)));
    let found = write(&surface.unwrap_or_else(|failure| panic!("{failure}")));
    let path = folder().join(format!("{target}.txt"));
    if std::env::var_os("PYSHIM_BLESS").is_some_and(|value| value == "1") {
        fs::write(&path, &found).expect("the folder is there");
    }
    let wanted = fs::read_to_string(&path).expect("PYSHIM_BLESS=1 writes it");
    assert!(
        found == wanted,
        "{}PYSHIM_BLESS=1 accepts it",
        similar::TextDiff::from_lines(&wanted, &found).unified_diff()
    );
}

#[test]
fn everything_on_linux() {
    is_as_blessed("x86_64-unknown-linux-gnu");
}

#[test]
fn everything_on_windows() {
    is_as_blessed("x86_64-pc-windows-msvc");
}

#[test]
fn everything_on_i386() {
    is_as_blessed("i686-unknown-linux-gnu");
}

#[test]
fn everything_most_significant_byte_first() {
    is_as_blessed("s390x-unknown-linux-gnu");
}

fn form(surface: &Surface, name: &str) -> Option<Form> {
    surface.items.get(name)?.declared.get("full").copied()
}

fn layout<'a>(surface: &'a Surface, name: &str) -> Option<&'a Layout> {
    match &surface.items.get(name)?.kind {
        Kind::Record(record) => record.layouts.values().next(),
        _ => None,
    }
}

#[test]
fn only_what_is_asked_for_is_told() {
    let surface = read(
        "struct a { int x; }; struct b { struct a a; }; void f(void); void g(void);\n#define N 1\n#define M 2",
        &["b", "g", "M"],
    );
    let names: Vec<&String> = surface.items.keys().collect();
    assert_eq!(names, ["M", "b", "g"]);
}

#[test]
fn a_tag_and_its_typedef_are_found_by_either_name() {
    for asked in ["_object", "Object"] {
        let surface = read("typedef struct _object { int x; } Object;", &[asked]);
        assert_eq!(
            layout(&surface, "Object").map(|layout| layout.size),
            Some(4)
        );
    }
}

#[test]
fn another_name_of_void_is_a_type_that_is_never_complete() {
    let surface = read(
        "typedef void token; typedef token other;",
        &["token", "other"],
    );
    for name in ["token", "other"] {
        assert_eq!(form(&surface, name), Some(Form::Incomplete));
    }
}

#[test]
fn what_is_declared_only_has_no_size() {
    // bindgen writes these with no bytes and with one.
    let surface = read(
        "struct none; typedef struct none none; struct user { struct one *p; };",
        &["none", "one"],
    );
    for name in ["none", "one"] {
        assert_eq!(form(&surface, name), Some(Form::Incomplete));
        assert_eq!(layout(&surface, name), None);
    }
}

#[test]
fn what_bindgen_cannot_lay_out_is_unknown() {
    // Rust has no struct that is both aligned and packed to less.
    let surface = read(
        "struct inner { int x; } __attribute__((aligned(8)));\n\
         struct outer { char c; struct inner i; int bits : 3; } __attribute__((packed));",
        &["outer"],
    );
    match layout(&surface, "outer") {
        None => assert!(
            surface
                .about
                .facts
                .contains(&("unknown".to_owned(), "the layout of outer".to_owned()))
        ),
        Some(layout) => {
            let offsets: Vec<u64> = layout.fields.iter().map(|field| field.bit_offset).collect();
            assert_eq!((layout.size, offsets), (10, vec![0, 8, 72]));
        }
    }
}

#[test]
fn a_macro_counts_as_it_is_at_the_end() {
    let surface = read(
        "#define GONE 1\n#undef GONE\n#define TWICE 1\n#undef TWICE\n#define TWICE 2\n\
         #define SAME 3\n#define SAME 3\n",
        &["GONE", "TWICE", "SAME"],
    );
    let values = |name: &str| match &surface.items.get(name)?.kind {
        Kind::Constant(values) => Some(values.values().cloned().collect::<Vec<_>>()),
        _ => None,
    };
    assert_eq!(values("GONE"), None);
    assert_eq!(values("TWICE"), Some(Vec::new()));
    assert_eq!(values("SAME"), Some(vec![Value::Number(3)]));
}

#[test]
fn ways_to_compile_are_put_together() {
    let way = |label: &str, arguments: &[&str]| Request {
        header: "#ifdef WIDE\nstruct s { long long x; }; long long f(void);\n#define N 2\n#else\n\
                 struct s { int x; }; int f(void);\n#define N 1\n#endif\n\
                 #ifdef OPAQUE\nstruct o;\n#else\nstruct o { int x; };\n#endif\nint g(void);"
            .to_owned(),
        arguments: arguments.iter().map(|text| (*text).to_owned()).collect(),
        wanted: Wanted::Names(["s", "f", "g", "N", "o"].map(str::to_owned).into()),
        label: label.to_owned(),
    };
    let surface = observe_all(&[way("full", &[]), way("limited", &["-DWIDE", "-DOPAQUE"])]);
    let surface = surface.unwrap_or_else(|failure| panic!("{failure}"));
    let text = write(&surface);
    for line in [
        "N value full = 1",
        "N value limited = 2",
        "o declared incomplete limited",
        "o declared type full",
        "g declared function all",
    ] {
        assert!(text.lines().any(|found| found == line), "{line}\n{text}");
    }
    let variants = |name: &str| match &surface.items[name].kind {
        Kind::Record(record) => record.layouts.len(),
        Kind::Function(types) => types.len(),
        _ => 0,
    };
    assert_eq!(
        (variants("s"), variants("f"), variants("g"), variants("o")),
        (2, 2, 1, 1)
    );
}

#[test]
fn calling_conventions_are_kept() {
    let request = Request {
        header: "void __stdcall f(int); void g(int); typedef void (__fastcall *h)(int);".to_owned(),
        arguments: vec!["--target=i686-pc-windows-msvc".to_owned()],
        wanted: Wanted::Names(["f", "g", "h"].map(str::to_owned).into()),
        label: "full".to_owned(),
    };
    let surface = observe(&request).unwrap_or_else(|failure| panic!("{failure}"));
    let text = write(&surface);
    for line in [
        "f type ilp32-align8 stdcall fn(i32)->void",
        "g type ilp32-align8 fn(i32)->void",
        "h is ilp32-align8 ptr<fastcall fn(i32)->void>",
    ] {
        assert!(text.lines().any(|found| found == line), "{line}\n{text}");
    }
}

#[test]
fn a_header_that_does_not_compile_is_said_with_what_libclang_says() {
    for (text, said) in [
        ("int f(unknown_type x);", "unknown type name 'unknown_type'"),
        (
            "#include <no_such_header.h>",
            "'no_such_header.h' file not found",
        ),
    ] {
        let request = Request {
            header: text.to_owned(),
            arguments: Vec::new(),
            wanted: Wanted::Names(BTreeSet::new()),
            label: "limited-3.9".to_owned(),
        };
        let failure = observe(&request).expect_err("it does not compile");
        assert_eq!(failure.trouble, Trouble::Headers);
        assert!(failure.message.contains(said), "{failure}");
        assert!(failure.message.contains("limited-3.9"), "{failure}");
    }
}

#[test]
fn a_folder_that_is_not_there_is_an_error() {
    let request = request(Path::new("/nonexistent/header.h"), None);
    let failure = observe(&request).expect_err("there is no such file");
    assert_eq!(failure.trouble, Trouble::File);
}

#[test]
fn a_libclang_that_cannot_be_loaded_is_an_error_that_says_how_to_get_one() {
    let folder = tempfile::tempdir().expect("a folder");
    let library = format!(
        "{}clang{}",
        std::env::consts::DLL_PREFIX,
        std::env::consts::DLL_SUFFIX
    );
    fs::write(folder.path().join(library), "not a library").expect("it can be written");
    // A process loads libclang once, so this takes another.
    let program = std::env::current_exe().expect("this test has a path");
    for place in [folder.path(), Path::new("/nonexistent")] {
        let output = Command::new(&program)
            .args([
                "--exact",
                "clang::calling_conventions_are_kept",
                "--nocapture",
            ])
            .env("LIBCLANG_PATH", place)
            .output()
            .expect("this program runs");
        let said = String::from_utf8_lossy(&output.stderr);
        assert!(!output.status.success());
        let code = format!("error[{}]", Trouble::Oracle.code());
        for words in [
            code.as_str(),
            "libclang cannot be loaded",
            "pip install libclang",
        ] {
            assert!(said.contains(words), "{words}\n{said}");
        }
    }
}
