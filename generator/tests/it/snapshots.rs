//! Snapshots: what is written is read back, and what cannot be read is said with its place.

use std::path::PathBuf;

use pyshim_gen::diag::{Colour, Sink};
use pyshim_gen::source::Sources;
use pyshim_gen::surface::Surface;
use pyshim_gen::surface::read::read;
use pyshim_gen::surface::write::write;

/// Every kind of line there is.
const EVERYTHING: &str = "\
pyshim snapshot 1
about subject CPython 3.15t
about build ft
about suffix .abi3t.so
about suffix .so
about evidence probe
about evidence clang
about where full
about where limited-3.8
about where limited-3.9
about where limited-3.10
Bits bits
Bits unit u32
Bits bit first 0+1
Enum enum
Enum unit lp64 u32
Enum member A 0
Enum member B -1
Flag macro
Flag declared macro all
Function function
Function deprecated 0.2.0
Function replacement Other, which is better
Function declared function limited-3.8..limited-3.10
Function declared macro full
Function exported any
Function type any fn(ptr<const u8>,...)->void
Lost function
Lost exported nowhere
Name alias
Name is lp64 ptr<void>
Number constant
Number value limited-3.8 = -4
Number value full limited-3.9 = 87
Number value limited-3.10 = \"a \\\"b\\\"\"
Opaque struct
Opaque declared incomplete all
Struct struct
Struct added 0.1.0
Struct removed 0.3.0
Struct allocated-by caller
Struct by-value
Struct in-arrays
Struct size-field size
Struct reserve reserved
Struct layout ilp32 size 8 align 4
Struct field ilp32 size at 0 size 4 u32 as size_t
Struct field ilp32 bits bits 32+3 u32
Struct layout lp64 size 16 align 8
Struct field lp64 size at 0 size 8 ? as known as unknown
Struct field lp64 odd at 8 size 8 other:\"a as b\" as c as d
Union union
Variable variable
Variable type lp64 array<4,i32>
";

fn parse(text: &str) -> (Surface, String) {
    let mut sources = Sources::default();
    let mut sink = Sink::default();
    let file = sources.add(PathBuf::from("abi/observed/x.txt"), text.to_owned());
    let surface = read(file, &sources, &mut sink);
    let complaints = sink.into_sorted();
    let shown: Vec<String> = complaints
        .iter()
        .map(|one| one.render(&sources, Colour::Never))
        .collect();
    (surface, shown.join("\n"))
}

#[test]
fn what_is_read_is_written_again() {
    let (surface, complaints) = parse(EVERYTHING);
    assert_eq!(complaints, "");
    assert_eq!(write(&surface), EVERYTHING);
}

#[test]
fn names_of_headers_and_of_other_languages_are_read() {
    for line in [
        "stat.tag struct",
        "nested.unnamed.deeper union",
        "größe constant",
        "a$b macro",
        "_ZN4core3ptr85drop_in_place$LT$std..rt$GT$17h0E function",
        "??_7Thing@@6B@ variable",
        "example.com/thing.Name function",
    ] {
        let text = format!("pyshim snapshot 1\n{line}\n");
        let (surface, complaints) = parse(&text);
        assert_eq!((complaints.as_str(), write(&surface)), ("", text));
    }
}

#[test]
fn line_endings_of_windows_and_remarks_are_read() {
    let (surface, _) = parse(EVERYTHING);
    let (windows, complaints) = parse(&EVERYTHING.replace('\n', "\r\n"));
    assert_eq!(complaints, "");
    assert_eq!(write(&windows), write(&surface));
    let (remarks, complaints) =
        parse(&EVERYTHING.replace("Flag macro", "# a remark\n\nFlag macro"));
    assert_eq!(complaints, "");
    assert_eq!(write(&remarks), EVERYTHING);
}

#[test]
fn every_line_that_is_not_understood_is_said() {
    let place = format!("abi/observed/x.txt:{}:", EVERYTHING.lines().count() + 1);
    for (line, message) in [
        ("Struct layout lp64 size x align 8", "`x` is no number"),
        (
            "Struct layout lp64 size",
            "the line ends where a size should be",
        ),
        (
            "about where  ",
            "a second space stands where a label should be",
        ),
        (
            "Struct field win x at 0 size 1 u8",
            "no line before this one says `layout win`",
        ),
        (
            "Struct field lp64 x on 0 size 1 u8",
            "`on` stands where `at` or `bits` should",
        ),
        ("Struct field lp64 x at 0 size 1 u", "`u` is no type"),
        (
            "Struct field lp64 x at 9999999999999999999 size 1 u8",
            "is no number of bytes",
        ),
        ("Struct sealed", "`sealed` is no fact about a struct"),
        (
            "Flag value all = 1",
            "`value` is no fact about a thing of kind `macro`",
        ),
        (
            "Flag declared loudly all",
            "`loudly` is no form of a declaration",
        ),
        (
            "Flag declared macro limited-3.9..limited-3.8",
            "is no run of labels",
        ),
        (
            "Number value all 4",
            "there is no ` = ` between labels and value",
        ),
        (
            "Number value all = four",
            "`four` is no number or text in quotes",
        ),
        ("Bits bit x 3", "`3` is no place of bits"),
        (
            "New sealed",
            "the first line of `New` should say what it is",
        ),
        ("New struct indeed", "the line should have ended before"),
        (
            "x/../../out struct",
            "`x/../../out` is no name that headers",
        ),
        ("../out union", "`../out` is no name that headers"),
        (".hidden constant", "`.hidden` is no name that headers"),
        ("a..b enum", "`a..b` is no name that headers"),
        ("1a alias", "`1a` is no name that headers"),
        ("a\u{202e}b macro", "is no name that headers"),
        ("about evidence rumours", "`rumours` is no kind of evidence"),
    ] {
        let (_, complaints) = parse(&format!("{EVERYTHING}{line}\n"));
        assert!(complaints.contains(message), "{line}\n{complaints}");
        assert!(complaints.contains("S001"), "{complaints}");
        assert!(complaints.contains(&place), "{complaints}");
    }
}

#[test]
fn another_file_is_refused_at_its_first_line() {
    for text in [
        "",
        "\n",
        "hello\nworld\n",
        "pyshim snapshot 2\n",
        "\u{0}\u{1}",
    ] {
        let (surface, complaints) = parse(text);
        assert_eq!(surface, Surface::default());
        assert_eq!(complaints.matches("S001").count(), 1, "{complaints}");
    }
}

#[test]
fn a_file_full_of_mistakes_is_given_up() {
    let text = format!("pyshim snapshot 1\n{}", "x y\n".repeat(10_000));
    let (_, complaints) = parse(&text);
    assert_eq!(complaints.matches("S001").count(), 20);
}

#[test]
fn the_manifest_of_this_project_is_a_surface() {
    let abi = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../abi");
    let surface = pyshim_gen::side::load(&abi.display().to_string(), &abi);
    let surface = surface.expect("the manifest can be read");
    let text = write(&surface);
    let (read, complaints) = parse(&text);
    assert_eq!(complaints, "");
    assert_eq!(write(&read), text);
    for line in [
        "PyCriticalSection layout lp64/3.15t size 16 align 8",
        "pyshim_critical_section layout lp64 size 24 align 8",
        "pyshim_critical_section reserve reserved",
        "pyshim_critical_section allocated-by caller",
        "pyshim_table slot pyshim_try_incref 6",
        "pyshim_try_incref type any fn(ptr<struct:PyObject>)->i32",
    ] {
        assert!(text.lines().any(|found| found == line), "{line}\n{text}");
    }
}
