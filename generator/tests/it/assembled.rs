//! Modules that are compiled or assembled for a test, some as no compiler makes them, and what an audit reads
//! from them.

use std::path::Path;

use crate::audit::{WHEEL, module, says};
use crate::scratch;
use crate::zip::{self, Member};

/// Assembles a module, which need not be one that a compiler makes, audits it, and returns what is said of
/// its slots. What takes seconds is quadratic.
#[track_caller]
fn assembled(name: &str, text: &str) -> String {
    built(name, "module.s", text).declared[0].says.clone()
}

/// The same of a source in any language, which may include pyshim's headers.
#[track_caller]
fn built(name: &str, source: &str, text: &str) -> pyshim_gen::report::Report {
    let folder = scratch::folder();
    let built = compiled(folder.path(), name, source, text);
    let report = pyshim_gen::audit::audit(&[built]);
    assert_eq!(report.failures, [""; 0]);
    report
}

#[track_caller]
fn compiled(folder: &Path, name: &str, source: &str, text: &str) -> std::path::PathBuf {
    let (source, built) = (folder.join(source), folder.join(name));
    scratch::write(&source, text);
    let mut cc = std::process::Command::new("cc");
    cc.args(["-shared", "-nostdlib", "-fPIC", "-DPYSHIM_NO_PYTHON_H"]);
    cc.args([
        "-I",
        concat!(env!("CARGO_MANIFEST_DIR"), "/../include"),
        "-o",
    ]);
    cc.arg(&built).arg(&source);
    crate::compilers::run(&mut cc).expect("it is compiled");
    built
}

/// An array of `PySlot` that has the module's name, and then leads to itself again and again.
#[test]
fn slots_that_lead_to_themselves_end() {
    let said = assembled(
        "demo.so",
        ".section .rodata\nname: .asciz \"demo\"\n.data\n.align 8\narray: .short 100,0\n.long 0\n.quad name\n\
         .rept 62\n.short 92,0\n.long 0\n.quad array\n.endr\n.quad 0,0\n\
         .text\n.globl PyModExport_demo\nPyModExport_demo: ret\n",
    );
    says(
        &said,
        "GIL unknown: its slots have a number that no CPython knows",
    );
}

/// What `PYSHIM_MODULE` lays out is read, and what only looks like that is not believed.
#[test]
fn what_a_module_of_ours_says_is_read() {
    let report = |slots: &str, made: &str, more: &str| {
        built(
            "demo.so",
            "module.c",
            &format!(
                "#include \"pyshim.h\"\n\
                 static const pyshim_build build = PYSHIM_THIS_BUILD;\n\
                 static const pyshim_module_slot slots[] = {{{slots}}};\n\
                 pyshim_module one = {{\"demo\", slots, {made}, &build, 0}};\n{more}\n\
                 void PyInit_demo(void) {{}}\nvoid PyModExport_demo(void) {{}}\n"
            ),
        )
    };
    let said =
        |slots: &str, made: &str, more: &str| report(slots, made, more).declared[0].says.clone();
    let ours = "made by pyshim when it is loaded";
    let end = "{PYSHIM_KIND_END, 0}";
    let gil = |bits: &str| format!("{{PYSHIM_KIND_GIL, {bits}}}, {end}");
    for (slots, words) in [
        (end, "by both hooks: GIL needed, for nothing is said, "),
        (&gil("0"), "by both hooks: GIL needed, "),
        (
            &gil("PYSHIM_MOD_GIL_SUCCESSOR"),
            "by both hooks: GIL needed, ",
        ),
        (
            &gil("PYSHIM_MOD_GIL_ALL"),
            "by both hooks: GIL not needed, ",
        ),
    ] {
        assert_eq!(said(slots, "0", ""), format!("{words}{ours}"), "{slots}");
    }
    let (endless, doc) = (
        "GIL unknown: its slots have no end",
        "{PYSHIM_KIND_DOC, 1},",
    );
    says(&said(&doc.repeat(100), "0", ""), endless);
    let other = "pyshim_module other = {\"demo\", slots, 0, &build, 0};";
    says(&said(end, "0", other), "GIL unknown: there are several");
    says(&said(end, "&one", ""), "GIL unknown: no definition with");
    // Code that never read CPython's headers may know its layouts from elsewhere.
    let rows = &report(end, "0", "").loading[0].rows;
    let words: Vec<_> = rows
        .iter()
        .map(|row| (row.word, row.why.as_str()))
        .collect();
    let unknown = "nothing says for which builds its objects are laid out";
    assert_eq!(words, [("loads", ""), ("unknown", unknown)]);
}

/// A universal module takes what every promised CPython exports, whether or not it was stable then.
#[test]
fn a_universal_module_may_take_what_became_stable_later() {
    let codes = |flags: &str| {
        let folder = scratch::folder();
        let source = format!(
            "#include \"pyshim.h\"\n\
             static const pyshim_build build = {{.size = sizeof(build), .python = 1, .flags = {flags},\n\
             .pointer_size = sizeof(void *)}};\n\
             static const pyshim_module_slot slots[] = {{{{PYSHIM_KIND_GIL, PYSHIM_MOD_GIL_ALL}}, {{0, 0}}}};\n\
             pyshim_module one = {{\"demo\", slots, 0, &build, 0}};\n\
             int PyBuffer_FillInfo(void);\nvoid PyInit_demo(void) {{ PyBuffer_FillInfo(); }}\n\
             void PyModExport_demo(void) {{}}\n"
        );
        let built = compiled(folder.path(), "demo.so", "module.c", &source);
        let data = std::fs::read(built).expect("it is there");
        let wheel = folder
            .path()
            .join("demo-1.0-cp38-abi3.abi3t-linux_x86_64.whl");
        let wheel_data = zip::write(&[Member::new("demo.so", &data)]);
        std::fs::write(&wheel, wheel_data).expect("a file");
        let report = pyshim_gen::audit::audit(&[wheel]);
        let codes = report.findings.iter().map(|finding| finding.rule.id);
        Vec::from_iter(codes)
    };
    assert_eq!(codes("PYSHIM_BUILD_FLAGS_OPAQUE"), ["A104"]);
    assert_eq!(
        codes("PYSHIM_BUILD_FLAGS_OPAQUE | PYSHIM_BUILD_FLAGS_UNIVERSAL"),
        [""; 0]
    );
}

/// Each pointer was looked for among all places of the name.
#[test]
fn a_name_that_is_everywhere_is_looked_for_in_time() {
    for (places, reason) in [
        (500_000, "no definition with the module's name"),
        (1_500_000, "more is laid out like names"),
    ] {
        let start = std::time::Instant::now();
        let said = assembled(
            "a.so",
            &format!(
                ".section .rodata\n.rept {places}\n.byte 97,0\n.endr\nother: .asciz \"zzz\"\n\
                 .data\n.rept 150000\n.quad other\n.endr\n\
                 .text\n.globl PyInit_a\nPyInit_a: ret\n"
            ),
        );
        says(&said, &format!("GIL unknown: {reason}"));
        let took = start.elapsed();
        assert!(took.as_secs() < 60, "{took:?}, and minutes when quadratic");
    }
}

/// As many arrays, of 62 slots each, as are not gone through one by one.
#[test]
fn more_slots_than_any_file_has_are_not_looked_at() {
    let said = assembled(
        "demo.so",
        ".section .rodata\nname: .asciz \"demo\"\n.data\n.align 8\n\
         .rept 4000\n.rept 62\n.short 100,0\n.long 0\n.quad name\n.endr\n.quad 0,0\n.endr\n\
         .text\n.globl PyModExport_demo\nPyModExport_demo: ret\n",
    );
    says(
        &said,
        "GIL unknown: more is laid out like names and slots than",
    );
}

/// Of a large module neither code nor what is not loaded is kept, and as much is said of it as of a small one.
/// What is in code is not known then, unless the file could hide something there.
#[test]
fn as_much_is_said_of_a_large_module_as_of_a_small_one() {
    let folder = scratch::folder();
    let report = |bytes: usize, name: &str, has_sections: bool| {
        let noise = folder.path().join("noise");
        std::fs::write(&noise, noise_of(bytes)).expect("the noise can be written");
        let text = format!(
            ".section {name}\nname: .asciz \"demo\"\n\
             .data\n.align 8\narray: .short 100,0\n.long 0\n.quad name\n\
             .short 87,0\n.long 0\n.quad 1\n.quad 0,0\nabout: .quad PyList_Type, PyObject_Dir\n\
             .text\n.globl PyModExport_demo\nPyModExport_demo: ret\n.incbin {:?}\n",
            noise.display()
        );
        let built = compiled(folder.path(), "demo.abi3.so", "module.s", &text);
        let mut built = std::fs::read(built).expect("it was built");
        if !has_sections {
            built[0x28..0x30].fill(0);
            built[0x3c..0x40].fill(0);
        }
        let wheel = folder.path().join(WHEEL);
        std::fs::write(&wheel, zip::write(&module(&built))).expect("the wheel can be written");
        let report = pyshim_gen::audit::audit(&[wheel]);
        assert_eq!(report.failures, [""; 0]);
        assert_eq!(report.declared.len(), 1);
        report
    };
    let (small, large) = (16, 17 << 20);
    let read = report(small, ".rodata", true);
    says(&read.declared[0].says, "GIL not needed");
    assert_eq!(read, report(large, ".rodata", true));
    let unread = report(small, ".text", true);
    says(&unread.declared[0].says, "GIL unknown: no definition with");
    assert_eq!(unread, report(large, ".text", true));
    assert_eq!(read, report(small, ".text", false));
    assert_eq!(read, report(large, ".text", false));
}

/// A function of its own may be called as one of CPython's is, which only debuggers are told.
#[test]
fn what_is_not_loaded_is_not_looked_up() {
    let folder = scratch::folder();
    let codes = |name: &str| {
        let text =
            format!(".data\n.quad dlsym\n{name}\n.text\n.globl PyInit_demo\nPyInit_demo: ret\n");
        let built = compiled(folder.path(), "demo.abi3.so", "module.s", &text);
        let built = std::fs::read(built).expect("it was built");
        let wheel = folder.path().join(WHEEL);
        std::fs::write(&wheel, zip::write(&module(&built))).expect("the wheel can be written");
        let found = pyshim_gen::audit::audit(&[wheel]).findings;
        Vec::from_iter(found.iter().map(|finding| finding.rule.id))
    };
    assert_eq!(codes(".byte 0\n.asciz \"PyUnicode_New\""), ["A108"]);
    assert_eq!(codes("PyUnicode_New: .quad 0"), [""; 0]);
}

/// Bytes that cannot be deflated.
fn noise_of(bytes: usize) -> Vec<u8> {
    let mut state = 0x9e37_79b9_7f4a_7c15_u64;
    let words = std::iter::repeat_with(|| {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        state.to_le_bytes()
    });
    words.take(bytes / 8).flatten().collect()
}
