//! `pyshim audit`: wheels that mean harm, and whether CPythons do what it says that they do.

use std::path::Path;

use crate::elf::Elf;
use crate::project::run_in;
use crate::scratch;
use crate::zip::{self, Member};

pub(crate) const WHEEL: &str = "demo-1.0-cp312-abi3-linux_x86_64.whl";

/// Audits a wheel with these bytes, and returns what is said.
#[track_caller]
fn audited(data: &[u8], code: i32) -> String {
    let folder = scratch::folder();
    std::fs::write(folder.path().join(WHEEL), data).expect("the wheel can be written");
    let ran = run_in(folder.path(), &["audit", WHEEL]).exits_with(code);
    let there = std::fs::read_dir(folder.path()).expect("the folder can be read");
    assert_eq!(there.count(), 1, "nothing is written");
    in_one_line(&ran.stdout)
}

/// As wide as a report is, lines are broken anywhere.
fn in_one_line(text: &str) -> String {
    Vec::from_iter(text.split_whitespace()).join(" ")
}

#[track_caller]
pub(crate) fn says(said: &str, words: &str) {
    assert!(said.contains(words), "{words}\n{said}");
}

pub(crate) fn module(data: &[u8]) -> Vec<Member> {
    vec![Member::new("demo.abi3.so", data)]
}

#[test]
fn what_is_no_wheel_or_no_module_is_not_decided_and_named() {
    says(&audited(b"", 3), "demo-1.0-cp312-abi3-linux_x86_64.whl`:");
    let whole = zip::write(&module(b"text"));
    says(&audited(&whole[..whole.len() / 2], 3), "`demo-1.0");
    for data in [&b""[..], b"text", b"\x7fELF\x02\x01\x01"] {
        says(&audited(&zip::write(&module(data)), 3), "!demo.abi3.so`:");
    }
}

#[test]
fn sizes_that_lie_are_seen_before_they_are_believed() {
    let size = |said: u32| {
        let mut wheel = zip::write(&module(b"\x7fELF"));
        let central = wheel.windows(4).position(|four| four == b"PK\x01\x02");
        let central = central.expect("there is a directory");
        wheel[central + 24..central + 28].copy_from_slice(&said.to_le_bytes());
        audited(&wheel, 3)
    };
    says(
        &size(u32::MAX - 1),
        "!demo.abi3.so`: it says that it has 4294967294 bytes",
    );
    says(&size(1 << 29), "as in a zip bomb");
    says(&size(5), "!demo.abi3.so`:");
    let many = (0..9).map(|n| Member::new(format!("demo{n}.abi3.so"), &vec![0; 8 << 20]));
    says(
        &audited(&zip::write(&Vec::from_iter(many)), 3),
        "would become 75497472, as in a zip bomb",
    );
    let zeros = vec![0; 64 << 20];
    says(
        &audited(&zip::write(&module(&zeros)), 3),
        "as in a zip bomb",
    );
}

#[test]
fn members_that_tools_see_differently_are_found() {
    for name in [
        "../demo.py",
        "/demo.py",
        "a/../../demo.py",
        "C:/demo.py",
        "a\\..\\demo.py",
        "../../demo/",
        "a\u{7}b.py",
        "a\u{202e}b.py",
    ] {
        let members = [module(b"text"), vec![Member::new(name, b"")]].concat();
        says(&audited(&zip::write(&members), 3), "A501 strange-member");
    }
    let twice = [module(b"text"), module(b"other")].concat();
    says(&audited(&zip::write(&twice), 3), "it is there twice");
    let mut link = zip::write(&[Member::new("demo.py", b"/etc/passwd")]);
    let central = link.windows(4).position(|four| four == b"PK\x01\x02");
    let central = central.expect("there is a directory");
    // The mode of a link, in the upper half of the attributes.
    link[central + 40..central + 42].copy_from_slice(&0o120_777_u16.to_le_bytes());
    says(&audited(&link, 1), "it is a symbolic link");
}

/// The place of the nth entry of the directory.
fn entry(wheel: &[u8], nth: usize) -> usize {
    let places = wheel.windows(4).enumerate();
    let mut places = places.filter(|(_, four)| *four == b"PK\x01\x02");
    places.nth(nth).expect("there is such an entry").0
}

#[test]
fn members_that_share_bytes_are_not_read() {
    let members = [
        module(b"text"),
        vec![Member::new("other.abi3.so", b"other")],
    ]
    .concat();
    let mut wheel = zip::write(&members);
    // Where the first one is, in the entry of the second.
    let second = entry(&wheel, 1);
    wheel[second + 42..second + 46].copy_from_slice(&0_u32.to_le_bytes());
    says(&audited(&wheel, 3), "its members overlap");
    // A first one that is so large that the second lies in it.
    let mut wheel = zip::write(&members);
    let first = entry(&wheel, 0);
    wheel[first + 20..first + 24].copy_from_slice(&90_u32.to_le_bytes());
    says(&audited(&wheel, 3), "its members overlap");
}

#[test]
fn more_members_than_any_wheel_has_are_not_listed() {
    let mut wheel = Vec::new();
    let entry = |wheel: &mut Vec<u8>| {
        wheel.extend(b"PK\x01\x02");
        wheel.extend([0; 42]);
    };
    for _ in 0..100_001 {
        entry(&mut wheel);
    }
    let size = u32::try_from(wheel.len()).expect("a few megabytes");
    wheel.extend(b"PK\x05\x06\0\0\0\0\xff\xff\xff\xff");
    wheel.extend(size.to_le_bytes());
    wheel.extend([0; 6]);
    says(&audited(&wheel, 3), "it has more than 100000 members");
}

#[test]
fn more_tags_than_any_wheel_has_are_not_multiplied() {
    let list = |start: &str| {
        let names = (0..40).map(|one| format!("{start}{one}"));
        Vec::from_iter(names).join(".")
    };
    let tags = format!("Tag: {}-{}-{}\n", list("a"), list("b"), list("c"));
    let of_one = format!("Tag: {}-b-c\n", list("a"));
    let of_many = (0..100).map(|one| of_one.replace('b', &format!("b{one}")));
    for text in [tags, String::from_iter(of_many)] {
        let metadata = Member::new("demo-1.0.dist-info/WHEEL", text.as_bytes());
        let members = [module(b"text"), vec![metadata]].concat();
        let said = audited(&zip::write(&members), 3);
        says(&said, "!WHEEL`: it stands for");
    }
    let folder = scratch::folder();
    let name = format!("demo-1.0-{}-{}-any.whl", list(""), list(""));
    std::fs::write(folder.path().join(&name), zip::write(&module(b"text"))).expect("a file");
    let ran = run_in(folder.path(), &["audit", &name]).exits_with(3);
    says(&in_one_line(&ran.stdout), "it stands for 1600 tags");
}

/// Two files are no comparison, which has an old one and a new one.
#[test]
fn two_files_are_examined_each_by_itself() {
    let folder = scratch::folder();
    let wheel = zip::write(&module(&Elf::exporting("PyInit_demo").write()));
    let names = ["a-1.0-cp312-abi3-linux_x86_64.whl", WHEEL];
    for name in names {
        std::fs::write(folder.path().join(name), &wheel).expect("a file");
    }
    let ran = run_in(folder.path(), &[&["audit"], &names[..]].concat()).exits_with(0);
    for (role, name) in [("examined", names[0]), ("and", names[1])] {
        says(&ran.stdout, &format!("{role}  {name}"));
    }
    let against = ["audit", "--against", names[0], names[1]];
    let ran = run_in(folder.path(), &against).exits_with(0);
    says(&ran.stdout, &format!("old  {}", names[0]));
    says(&ran.stdout, &format!("new  {}", names[1]));
}

/// One text may be the end of every name: a file of 240 KB took half a gigabyte.
#[test]
fn names_that_share_their_bytes_are_not_copied() {
    let mut elf = Elf::exporting(&"a".repeat(20_000));
    says(&audited(&zip::write(&module(&elf.write())), 0), "clean");
    elf.functions = (1..=8_000).collect();
    says(
        &audited(&zip::write(&module(&elf.write())), 3),
        "!demo.abi3.so`: its names have more than 4 times as many bytes as there are",
    );
}

/// What a module says in its slots, of which nothing is to be known.
#[track_caller]
fn unknown_slots(elf: &Elf, reason: &str) {
    let said = audited(&zip::write(&module(&elf.write())), 0);
    says(&said, &format!("by `PyInit_`: GIL unknown: {reason}"));
}

/// Each segment is gone through: a megabyte that is in 8000 of them took half a minute.
#[test]
fn segments_that_are_the_same_bytes_are_not_gone_through() {
    let mut elf = Elf::exporting("PyInit_demo");
    elf.size = 1 << 20;
    unknown_slots(&elf, "no definition with the module's name");
    elf.loads = 8_000;
    unknown_slots(&elf, "its segments have the same bytes again and again");
}

/// A name in it would be at an address that is none.
#[test]
fn a_segment_beyond_the_last_address_lies_nowhere() {
    let mut elf = Elf::exporting("PyInit_demo");
    elf.loads = 2;
    let mut file = elf.write();
    let address = 64 + 56 + 16; // of the second of the headers
    file[address..address + 8].copy_from_slice(&(u64::MAX - 8).to_le_bytes());
    let said = audited(&zip::write(&module(&file)), 0);
    says(&said, "GIL unknown: no definition with the module's name");
}

/// A word of a packed list is 63 pointers, which take 24 bytes each.
#[test]
fn few_bytes_that_are_many_pointers_are_not_unpacked() {
    let mut elf = Elf::exporting("PyInit_demo");
    elf.packed = vec![u64::MAX; 8_000];
    unknown_slots(&elf, "no definition with the module's name");
    elf.packed = vec![u64::MAX; 9_000];
    unknown_slots(&elf, "its list of pointers is longer than that of any file");
}

/// A Mach-O file of several architectures, each with its place and size.
fn fat(slices: &[(u32, u32)]) -> Vec<u8> {
    let count = u32::try_from(slices.len()).expect("a few architectures");
    let mut words = vec![0xcafe_babe, count];
    for (place, size) in slices {
        words.extend([0x0100_000c, 0, *place, *size, 0]);
    }
    let mut file = Vec::from_iter(words.into_iter().flat_map(u32::to_be_bytes));
    file.resize(1 << 12, 0);
    file
}

/// Each architecture is looked at by itself: one of 800 KB that is there 40,000 times took minutes.
#[test]
fn architectures_that_share_bytes_are_not_read() {
    let apart = |count: u32| Vec::from_iter((0..count).map(|one| (2048 + one * 64, 64)));
    for (slices, reason) in [
        (apart(17), "it has 17 architectures, and 16 are the most"),
        (vec![(2048, 64), (2100, 64)], "its architectures overlap"),
        (apart(2), "it starts with"),
    ] {
        let said = audited(&zip::write(&module(&fat(&slices))), 3);
        says(&said, &format!("!demo.abi3.so`: {reason}"));
    }
}

#[test]
fn a_link_among_files_is_not_followed() {
    let folder = scratch::folder();
    let target = folder.path().join("demo.txt");
    std::fs::write(&target, zip::write(&module(b"text"))).expect("a file");
    std::fs::create_dir(folder.path().join("dist")).expect("a folder can be made");
    #[cfg(unix)]
    std::os::unix::fs::symlink(&target, folder.path().join("dist").join(WHEEL)).expect("a link");
    let ran = run_in(folder.path(), &["audit", "dist"]).exits_with(3);
    says(&ran.stdout, "nothing was compared");
}

#[test]
fn what_abi3audit_prints_is_printed() {
    let folder = scratch::folder();
    let source = "extern void *PyUnicode_New(void), *PyList_GetItemRef(void), *PyList_New(void);\n\
                  void *PyInit_demo(void) { PyUnicode_New(); PyList_New(); return PyList_GetItemRef(); }\n";
    scratch::write(&folder.path().join("demo.c"), source);
    let mut cc = std::process::Command::new("cc");
    cc.args(["-w", "-shared", "-fPIC", "-nostdlib"]);
    cc.arg(folder.path().join("demo.c"))
        .arg("-o")
        .arg(folder.path().join("demo.abi3.so"));
    crate::compilers::run(&mut cc).expect("it compiles");
    let data = std::fs::read(folder.path().join("demo.abi3.so")).expect("a module");
    let wheel = zip::write(&[Member::new("demo/demo.abi3.so", &data)]);
    std::fs::write(folder.path().join(WHEEL), wheel).expect("a file");
    let ran = run_in(folder.path(), &["audit", "--format", "abi3audit", WHEEL]);
    let found: serde_json::Value = serde_json::from_str(&ran.stdout).expect("JSON");
    let expected = serde_json::json!({ "specs": { WHEEL: { "kind": "wheel", "wheel": [{
        "name": "demo.abi3.so",
        "result": {
            "is_abi3": false,
            "is_abi3_baseline_compatible": false,
            "baseline": "3.12",
            "computed": "3.13",
            "non_abi3_symbols": ["PyUnicode_New"],
            "future_abi3_objects": { "PyList_GetItemRef": "3.13" },
        },
    }] } } });
    assert_eq!(found, expected);
}

#[test]
fn an_archive_in_a_wheel_is_a_gap() {
    let inner = zip::write(&module(b"text"));
    let outer = zip::write(&[Member::new("inner.whl", &inner)]);
    says(
        &audited(&outer, 1),
        "!inner.whl: an archive in a wheel is not looked into",
    );
}

#[test]
fn nothing_to_look_at_is_never_clean() {
    let folder = scratch::folder();
    for name in ["empty", "demo-1.0-py3-none-any.whl"] {
        let path = folder.path().join(name);
        match name {
            "empty" => std::fs::create_dir(&path).expect("a folder can be made"),
            _ => std::fs::write(&path, zip::write(&[Member::new("demo.py", b"")])).expect("a file"),
        }
        run_in(folder.path(), &["audit", name]).exits_with(3);
    }
    run_in(folder.path(), &["audit", "not-there.whl"]).exits_with(3);
    run_in(
        folder.path(),
        &["audit", "empty", "demo-1.0-py3-none-any.whl"],
    )
    .exits_with(3);
}

/// None of these is read: a sparse file, one that has no module's name, a device, and a pipe, which would
/// wait for a writer.
#[cfg(unix)]
#[test]
fn what_is_no_module_by_its_name_or_start_is_not_read() {
    let folder = scratch::folder();
    for name in ["zeros.so", "core.bin"] {
        let file = std::fs::File::create(folder.path().join(name)).expect("a file");
        file.set_len(1 << 30).expect("a sparse file");
    }
    let zero = folder.path().join("zero.so");
    std::os::unix::fs::symlink("/dev/zero", zero).expect("a link");
    let mut mkfifo = std::process::Command::new("mkfifo");
    crate::compilers::run(mkfifo.arg(folder.path().join("pipe.so"))).expect("a pipe");
    for (name, reason) in [
        ("zeros.so", "it starts with"),
        ("core.bin", "its name is not that of an extension module"),
        ("zero.so", "it is no regular file"),
        ("pipe.so", "it is no regular file"),
    ] {
        let ran = run_in(folder.path(), &["audit", name]).exits_with(3);
        says(&in_one_line(&ran.stdout), &format!("`{name}`: {reason}"));
    }
}

/// A module as authors write them, without a GIL slot.
const SOURCE: &str = r#"
#include <Python.h>
static PyObject *length(PyObject *module, PyObject *list)
{
    (void)module;
#ifdef NEWER
    Py_XDECREF(PyList_GetItemRef(list, 0));
    PyErr_Clear();
#endif
    return PyLong_FromSsize_t(PyObject_Size(list));
}
static PyMethodDef methods[] = {{"length", length, METH_O, NULL}, {NULL, NULL, 0, NULL}};
static PyModuleDef_Slot slots[] = {{0, NULL}};
static struct PyModuleDef definition = {
    PyModuleDef_HEAD_INIT, "demo", NULL, 0, methods, slots, NULL, NULL, NULL};
PyMODINIT_FUNC PyInit_demo(void) { return PyModuleDef_Init(&definition); }
"#;

#[cfg(all(target_os = "linux", target_arch = "x86_64"))]
#[test]
fn cpythons_do_what_it_says_that_they_do() {
    use pyshim_gen::audit::audit;
    use pyshim_gen::observe::find::find;

    let pythons = find(std::time::Duration::from_secs(30));
    let with_headers = |label: &str| {
        let found = pythons.iter().find(|python| python.label() == label);
        found.filter(|python| !python.include_dirs.is_empty())
    };
    let folder = scratch::folder();
    scratch::write(&folder.path().join("demo.c"), SOURCE);
    let (mut asked, mut loaded) = (0, 0);
    let python = with_headers("3.14").expect("the CPythons of this project are installed");
    for (defines, suffixes) in [
        (
            &["-DPy_LIMITED_API=0x03080000"][..],
            &[".abi3.so", ".abi3-x86_64-linux-gnu.so"][..],
        ),
        (&["-DPy_LIMITED_API=0x030d0000", "-DNEWER"], &[".abi3.so"]),
        (
            &[],
            &[
                ".cpython-314-x86_64-linux-gnu.so",
                ".cpython-313-x86_64-linux-gnu.so",
            ],
        ),
    ] {
        for suffix in suffixes {
            let place = folder.path().join(format!("{}{suffix}", defines.len()));
            std::fs::create_dir(&place).expect("a folder can be made");
            let module = place.join(format!("demo{suffix}"));
            compile(folder.path(), &python.include_dirs, defines, &module);
            let report = audit(std::slice::from_ref(&module));
            assert_eq!(report.failures, [""; 0]);
            for one in &pythons {
                let answer = answer(&report.loading[0], &one.label());
                let imports = std::process::Command::new(&one.executable)
                    .args(["-I", "-W", "ignore", "-c", "import sys; sys.path.insert(0, sys.argv[1]); import demo; assert demo.length([1]) == 1"])
                    .arg(&place)
                    .output()
                    .expect("it runs")
                    .status
                    .success();
                let agrees = match answer {
                    "loads" => imports,
                    "refuses" => !imports,
                    _ => continue,
                };
                assert!(
                    agrees,
                    "{suffix} {defines:?} on {}: {answer}, and imports: {imports}",
                    one.label()
                );
                asked += 1;
                loaded += usize::from(imports);
            }
        }
    }
    assert!(loaded > 0 && loaded < asked, "{loaded} of {asked}");
}

/// What is said of one CPython: rows name runs of them.
fn answer(loading: &pyshim_gen::report::Loading, label: &str) -> &'static str {
    use pyshim_gen::audit::runtime::Runtime;

    let runtime = Runtime::parse(label);
    let is_in = |part: &str| match part.split_once("..") {
        Some((first, last)) => runtime >= Runtime::parse(first) && runtime <= Runtime::parse(last),
        None => part == "all" || part == label,
    };
    let mut rows = loading.rows.iter();
    rows.find(|row| row.pythons.split(", ").any(is_in))
        .map_or("nothing", |row| row.word)
}

fn compile(folder: &Path, include: &[std::path::PathBuf], defines: &[&str], module: &Path) {
    let mut cc = std::process::Command::new("cc");
    cc.args(["-w", "-shared", "-fPIC"]).args(defines);
    for one in include {
        cc.arg("-I").arg(one);
    }
    cc.arg(folder.join("demo.c")).arg("-o").arg(module);
    crate::compilers::run(&mut cc).expect("it compiles");
}
