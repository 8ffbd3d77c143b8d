//! `pyshim report`: pages that are whole, lead nowhere else, and are the same each time.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

use crate::project::{Project, run_in};
use crate::scratch;
use crate::zip::{self, Member};

/// What would be markup, an attribute's end, and a direction that is turned.
const HOSTILE: &str =
    "<img src=x onerror=alert(1)>\"'&amp;\u{202e}-1.0-cp312-abi3-linux_x86_64.whl";

/// A folder with a wheel of that name, in which something is found.
fn wheels(folder: &Path) {
    let members = [
        Member::new("../<script>.py", b""),
        Member::new("demo.py", b""),
    ];
    scratch::write(&folder.join("notes.txt"), "not looked at");
    fs::write(folder.join(HOSTILE), zip::write(&members)).expect("the wheel can be written");
}

/// The pages of this project's own manifest, with an audit.
fn pages(folder: &Path) -> BTreeMap<String, String> {
    let manifest = fs::canonicalize("../abi").expect("the manifest is there");
    wheels(&folder.join("dist"));
    let manifest = manifest.display().to_string();
    let report = [
        "report",
        "--html",
        "pages",
        "--wheels",
        "dist",
        "--manifest",
        &manifest,
    ];
    run_in(folder, &report).exits_with(0);
    read(&folder.join("pages"))
}

fn read(folder: &Path) -> BTreeMap<String, String> {
    let items = fs::read_dir(folder).expect("there are pages");
    let files = items.map(|item| {
        let path = item.expect("the folder can be read").path();
        let name = path
            .file_name()
            .expect("a file has a name")
            .to_string_lossy();
        (
            name.into_owned(),
            fs::read_to_string(&path).expect("a page is text"),
        )
    });
    files.collect()
}

/// What follows each start, up to an end.
fn all<'a>(text: &'a str, start: &'a str, end: char) -> impl Iterator<Item = &'a str> {
    let parts = text.split(start).skip(1);
    parts.map(move |part| part.split(end).next().unwrap_or_default())
}

/// The page without its style and script, which are the same in each.
fn markup(page: &str) -> String {
    let (head, rest) = page.split_once("<style>").expect("there is a style");
    let (_, rest) = rest.split_once("</style>").expect("the style ends");
    let (body, rest) = rest.split_once("<script>").expect("there is a script");
    let (_, tail) = rest.split_once("</script>").expect("the script ends");
    [head, body, tail].concat()
}

#[test]
fn pages_are_whole_and_lead_to_each_other_and_nowhere_else() {
    let folder = scratch::folder();
    let pages = pages(folder.path());
    for name in [
        "index",
        "matrix",
        "structs",
        "history",
        "wheels",
        "rules",
        "struct-PyObject",
    ] {
        assert!(pages.contains_key(&format!("{name}.html")), "{name}");
    }
    for (name, page) in &pages {
        let markup = markup(page);
        assert!(page.contains("default-src 'none'"), "{name}");
        for once in ["<h1>", "<main ", "<title>", "href=\"#main\"", "lang=\"en\""] {
            assert_eq!(markup.matches(once).count(), 1, "{name}: {once}");
        }
        for word in [
            " src=", "<link", "<iframe", "@import", "url(", " style=", " onclick", "://",
        ] {
            let found = if word.starts_with(' ') || word == "://" {
                &markup
            } else {
                page
            };
            // The name of a wheel is text, and what it says is not markup.
            let found = found.replace("&lt;img src=x onerror=alert(1)&gt;", "");
            assert!(!found.contains(word), "{name}: {word}");
        }
        assert_eq!(
            markup.matches("<table").count(),
            markup.matches("<caption").count(),
            "{name}"
        );
        let mut heads = all(&markup, "<th", '>').filter(|head| !head.starts_with("ead"));
        assert!(heads.all(|head| head.contains("scope=")), "{name}");
        let mut ids = Vec::from_iter(all(&markup, " id=\"", '"'));
        let count = ids.len();
        ids.sort_unstable();
        ids.dedup();
        assert_eq!(ids.len(), count, "{name}: an id is there twice");
        for link in all(&markup, " href=\"", '"') {
            let (file, id) = link.split_once('#').unwrap_or((link, ""));
            let file = if file.is_empty() { name } else { file };
            let target = pages.get(file).unwrap_or_else(|| panic!("{name}: {link}"));
            let is_there = id.is_empty() || target.contains(&format!(" id=\"{id}\""));
            assert!(is_there, "{name}: {link}");
        }
    }
}

#[test]
fn names_are_text_whatever_they_are() {
    let folder = scratch::folder();
    let pages = pages(folder.path());
    let page = markup(&pages["wheels.html"]);
    assert!(
        !page.contains("<img") && !page.contains("<script"),
        "{page}"
    );
    assert!(
        page.contains("&lt;img src=x onerror=alert(1)&gt;&quot;'&amp;amp;\\u{202e}"),
        "{page}"
    );
    assert!(
        page.contains("&lt;script&gt;"),
        "the member's name is there"
    );
    assert!(page.contains("strange-member"), "and what was found");
}

#[test]
fn pages_are_the_same_each_time_and_old_ones_go() {
    let (one, two) = (scratch::folder(), scratch::folder());
    let pages = pages(one.path());
    assert_eq!(pages, self::pages(two.path()));
    let manifest = fs::canonicalize("../abi").expect("the manifest is there");
    let manifest = manifest.display().to_string();
    let report = ["report", "--html", "pages", "--manifest", &manifest];
    run_in(one.path(), &report).exits_with(0);
    let fewer = read(&one.path().join("pages"));
    assert!(
        !fewer.contains_key("wheels.html"),
        "nothing leads there any more"
    );
    assert_eq!(fewer.len() + 1, pages.len());
    let again = run_in(one.path(), &report).exits_with(0);
    assert!(
        again.stdout.contains(", 0 of them changed"),
        "{}",
        again.stdout
    );
}

#[test]
fn folders_that_are_somebody_elses_are_left_alone() {
    let project = Project::new("golden/plain-function");
    scratch::write(&project.path("file"), "mine");
    scratch::write(&project.path("full/index.html"), "<!doctype html>\nmine");
    fs::create_dir(project.path("empty")).expect("a folder can be made");
    let before = project.files();
    for (arguments, words) in [
        (
            ["--html", "file"].as_slice(),
            "`file` is a file; expected a folder",
        ),
        (
            &["--html", "full"],
            "`full` has files, and no `index.html` that `pyshim report` made",
        ),
        (
            &["--html", "new", "--wheels", "file"],
            "`file` is not a folder",
        ),
        (
            &["--html", "new", "--wheels", "nowhere"],
            "`nowhere` is not a folder",
        ),
        (&[], "--html <DIR>"),
    ] {
        let ran = project
            .run(&[&["report"], arguments].concat())
            .exits_with(2);
        assert!(ran.stderr.contains(words), "{}", ran.stderr);
    }
    assert_eq!(project.files(), before, "nothing is written");
    project.run(&["report", "--html", "empty"]).exits_with(0);
    project.run(&["report", "--html", "new/er"]).exits_with(0);
    assert!(project.path("new/er/index.html").is_file());
}

#[test]
fn no_file_is_replaced_that_is_no_page_of_ours() {
    let project = Project::new("golden/plain-function");
    let report = ["report", "--html", "pages"];
    project.run(&report).exits_with(0);
    scratch::write(&project.path("pages/matrix.html"), "<!doctype html>\nmine");
    let before = project.files();
    let ran = project.run(&report).exits_with(2);
    let words = "`pages/matrix.html` is no page that `pyshim report` made";
    assert!(ran.stderr.contains(words), "{}", ran.stderr);
    assert_eq!(project.files(), before, "nothing is written");
}

/// A page is called after a struct, whose name somebody else may have written.
#[test]
fn names_of_structs_lead_nowhere_else() {
    let project = Project::new("golden/plain-function");
    let snapshot = snapshot("3.13", "").replace("Thing", "x/../../../escaped");
    scratch::write(&project.path("abi/observed/3.13.txt"), &snapshot);
    let before = project.files();
    let ran = project.run(&["report", "--html", "pages"]).exits_with(3);
    for words in [
        "abi/observed/3.13.txt:8:1",
        "`x/../../../escaped` is no name",
    ] {
        assert!(ran.stderr.contains(words), "{}", ran.stderr);
    }
    assert_eq!(project.files(), before, "nothing is written");
}

#[test]
fn what_cannot_be_read_is_said_and_decides_nothing() {
    let folder = scratch::folder();
    run_in(folder.path(), &["report", "--html", "pages"]).exits_with(3);
    let project = Project::new("golden/plain-function");
    fs::create_dir(project.path("dist")).expect("a folder can be made");
    let report = ["report", "--html", "pages", "--wheels", "dist"];
    let ran = project.run(&report).exits_with(3);
    assert!(
        ran.stderr.contains("nothing was compared"),
        "{}",
        ran.stderr
    );
    scratch::write(
        &project.path("dist/demo-1.0-cp312-abi3-linux_x86_64.whl"),
        "no zip",
    );
    let ran = project.run(&report).exits_with(3);
    assert!(ran.stderr.contains("demo-1.0"), "{}", ran.stderr);
    let page = fs::read_to_string(project.path("pages/wheels.html")).expect("the page is there");
    assert!(
        page.contains("demo-1.0-cp312-abi3-linux_x86_64.whl"),
        "and says so, too"
    );
    scratch::write(&project.path("abi/entries/broken.yaml"), "nonsense: 1\n");
    project.run(&["report", "--html", "pages"]).exits_with(1);
}

/// The row of a file in the table of wheels.
fn row<'a>(page: &'a str, words: &str) -> &'a str {
    let mut rows = all_rows(page);
    rows.find(|row| row.contains(words))
        .unwrap_or_else(|| panic!("{words}\n{page}"))
}

fn all_rows(page: &str) -> impl Iterator<Item = &str> {
    let (_, table) = page.split_once("<table id=\"wheels\"").expect("a table");
    let (table, _) = table.split_once("</table>").expect("its end");
    table.split("<tr").skip(1)
}

/// A module that takes what no stable ABI has.
#[cfg(all(target_os = "linux", target_arch = "x86_64"))]
fn compiled(folder: &Path) -> Vec<u8> {
    let (source, module) = (folder.join("demo.c"), folder.join("demo.out"));
    let text = "extern void *PyUnicode_New(void);\n\
                void *PyInit_demo(void) { return PyUnicode_New(); }\n";
    scratch::write(&source, text);
    let mut cc = std::process::Command::new("cc");
    cc.args(["-w", "-shared", "-fPIC", "-nostdlib", "-o"]);
    cc.arg(&module).arg(&source);
    crate::compilers::run(&mut cc).expect("it compiles");
    fs::read(&module).expect("it was written")
}

#[cfg(all(target_os = "linux", target_arch = "x86_64"))]
#[test]
fn what_is_found_in_a_file_is_in_its_row() {
    let project = Project::new("golden/plain-function");
    let data = compiled(&project.path("."));
    let dist = |name: &str, data: &[u8]| {
        let path = project.path("dist").join(name);
        fs::create_dir_all(project.path("dist")).expect("a folder can be made");
        fs::write(path, data).expect("a file");
    };
    dist("demo.abi3.so", &data);
    let wheel = zip::write(&[Member::new("demo/demo.abi3.so", &data)]);
    dist("broken-1.0-cp312-abi3-linux_x86_64.whl", &wheel);
    let wheel = zip::write(&[Member::new("demo/demo.so", &data)]);
    dist("good-1.0-cp312-cp312-linux_x86_64.whl", &wheel);
    let report = ["report", "--html", "pages", "--wheels", "dist"];
    project.run(&report).exits_with(0);
    let page = fs::read_to_string(project.path("pages/wheels.html")).expect("the page is there");
    for (file, level) in [
        ("demo.<wbr>abi3.<wbr>so", "break"),
        ("broken-", "break"),
        ("good-", "clean"),
    ] {
        let row = row(&page, file);
        assert!(row.contains(&format!("data-level=\"{level}\"")), "{row}");
    }
}

/// A module of zeros is a bomb, so that nobody knows what it is.
#[test]
fn a_file_that_could_not_be_read_is_not_clean() {
    let project = Project::new("golden/plain-function");
    let wheel = zip::write(&[Member::new("demo/demo.abi3.so", &vec![0; 20 << 20])]);
    scratch::write(&project.path("dist/no.abi3.so"), "no module");
    fs::write(
        project.path("dist/demo-1.0-cp312-abi3-linux_x86_64.whl"),
        wheel,
    )
    .expect("a file");
    let report = ["report", "--html", "pages", "--wheels", "dist"];
    project.run(&report).exits_with(3);
    let page = fs::read_to_string(project.path("pages/wheels.html")).expect("the page is there");
    for file in ["demo-", "no.<wbr>abi3.<wbr>so"] {
        let row = row(&page, file);
        assert!(row.contains("data-level=\"undecided\""), "{row}");
        assert!(!row.contains("has no module"), "{row}");
    }
}

/// A terminal obeys the name of a file that is printed as it is.
#[cfg(unix)]
#[test]
fn names_of_files_reach_no_terminal_as_they_are() {
    let project = Project::new("golden/plain-function");
    let name = "a\u{1b}]0;gone\u{7}\u{202e}-1.0-cp312-cp312-linux_x86_64.whl";
    scratch::write(&project.path("dist").join(name), "no zip");
    let report = ["report", "--html", "pages", "--wheels", "dist"];
    let ran = project.run(&report).exits_with(3);
    let said = ran.stderr;
    assert!(
        said.contains("a\\u{1b}]0;gone\\u{7}\\u{202e}-1.0"),
        "{said}"
    );
    assert!(!said.contains(['\u{1b}', '\u{7}', '\u{202e}']), "{said:?}");
}

/// Snapshots of a struct that gets a field in its middle.
fn snapshot(version: &str, fields: &str) -> String {
    format!(
        "pyshim snapshot 1\nabout subject CPython {version}\nabout build gil\nabout data-model lp64\nabout platform linux-s390x\n\
         about evidence probe\nabout where full\nThing struct\nThing declared type full\n{fields}"
    )
}

#[test]
fn what_moves_is_marked_on_both_sides_and_explained() {
    let project = Project::new("golden/plain-function");
    let old = "Thing layout lp64 size 16 align 8\nThing field lp64 a at 0 size 4 u32\n\
               Thing field lp64 b at 8 size 8 u64\n";
    let new = "Thing layout lp64 size 24 align 8\nThing field lp64 a at 0 size 4 u32\n\
               Thing field lp64 c at 8 size 8 u64\nThing field lp64 b at 16 size 8 u64\n";
    scratch::write(
        &project.path("abi/observed/3.13.txt"),
        &snapshot("3.13", old),
    );
    scratch::write(
        &project.path("abi/observed/3.14.txt"),
        &snapshot("3.14", new),
    );
    project.run(&["report", "--html", "pages"]).exits_with(0);
    let page =
        fs::read_to_string(project.path("pages/struct-Thing.html")).expect("the page is there");
    for words in [
        "b <span class=\"note\">to 16</span>",
        "b <span class=\"note\">from 8</span>",
        "c <span class=\"note\">new</span>",
        "title=\"padding: at 4, 4 bytes\"",
        "D202",
        "field-added-in-the-middle",
        "as it was observed on linux-s390x.",
    ] {
        assert!(page.contains(words), "{words}\n{page}");
    }
}
