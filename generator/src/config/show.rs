//! A configuration in the words of those that build.

use std::fmt::Write as _;

use super::Config;

/// Whom it is shown to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Format {
    /// People.
    Text,
    /// Programs.
    Json,
    /// A shell, which evaluates it.
    Shell,
    /// CMake, which includes it.
    Cmake,
    /// Meson, as a native file's constants.
    Meson,
    /// A build script of Cargo, which prints it.
    Cargo,
}

impl Format {
    /// Each of them, with its name.
    pub const ALL: [(&'static str, Format); 6] = [
        ("text", Format::Text),
        ("json", Format::Json),
        ("shell", Format::Shell),
        ("cmake", Format::Cmake),
        ("meson", Format::Meson),
        ("cargo", Format::Cargo),
    ];
}

/// The whole text, with its line ends.
#[must_use]
pub fn show(config: &Config, format: Format) -> String {
    match format {
        Format::Text => text(config),
        Format::Json => format!("{:#}\n", json(config)),
        Format::Shell => shell(config),
        Format::Cmake => cmake(config),
        Format::Meson => meson(config),
        Format::Cargo => cargo(config),
    }
}

fn definitions(config: &Config) -> Vec<String> {
    let define = |(name, value): &(&str, String)| format!("{name}={value}");
    config.macros.iter().map(define).collect()
}

fn folders(config: &Config) -> Vec<String> {
    let folders = config.include_dirs.iter();
    folders.map(|folder| folder.display().to_string()).collect()
}

fn runtimes(config: &Config) -> Vec<String> {
    config.loads_on.iter().map(ToString::to_string).collect()
}

fn text(config: &Config) -> String {
    let or_none = |text: String| {
        if text.is_empty() {
            "none".to_owned()
        } else {
            text
        }
    };
    let rows = [
        (
            "target",
            format!("{}, from {} on", config.target.name(), config.since),
        ),
        ("headers", config.python.to_string()),
        ("macros", or_none(definitions(config).join(" "))),
        ("include", folders(config).join("\n         ")),
        ("suffix", config.suffix.clone()),
        ("tag", config.tag.clone()),
        (
            "library",
            or_none(config.library.clone().unwrap_or_default()),
        ),
        ("loads on", runtimes(config).join(", ")),
    ];
    let mut text = String::new();
    for (name, value) in rows {
        let _ = writeln!(text, "{name:<8} {value}");
    }
    text
}

fn json(config: &Config) -> serde_json::Value {
    let macros = config.macros.iter();
    let macros = macros.map(|(name, value)| ((*name).to_owned(), value.clone().into()));
    serde_json::json!({
        "format": 1,
        "python": config.python.to_string(),
        "target": config.target.name(),
        "since": config.since.to_string(),
        "macros": serde_json::Map::from_iter(macros),
        "include_dirs": folders(config),
        "suffix": config.suffix,
        "tag": config.tag,
        "windows_library": config.library,
        "loads_on": runtimes(config),
    })
}

/// A word that a POSIX shell takes as it is.
fn quoted(text: &str) -> String {
    format!("'{}'", text.replace('\'', r"'\''"))
}

fn shell(config: &Config) -> String {
    // The value is evaluated once as a word, and once more by whoever uses it unquoted; so folders
    // with blanks go by lines.
    let flags = definitions(config)
        .into_iter()
        .map(|one| format!("-D{one}"));
    let flags: Vec<String> = flags.collect();
    let rows = [
        ("CPPFLAGS", flags.join(" ")),
        ("INCLUDE_DIRS", folders(config).join("\n")),
        ("SUFFIX", config.suffix.clone()),
        ("TAG", config.tag.clone()),
        ("LIBRARY", config.library.clone().unwrap_or_default()),
    ];
    let mut text = String::new();
    for (name, value) in rows {
        let _ = writeln!(text, "PYSHIM_{name}={}", quoted(&value));
    }
    text
}

fn cmake(config: &Config) -> String {
    // A bracket argument is taken as it is.
    let list = |items: Vec<String>| {
        let items = items.into_iter().map(|item| format!(" [=[{item}]=]"));
        items.collect::<String>()
    };
    let one = |text: &str| list(vec![text.to_owned()]);
    let library = config.library.clone().map(|name| vec![name]);
    format!(
        "set(PYSHIM_DEFINITIONS{})\nset(PYSHIM_INCLUDE_DIRS{})\nset(PYSHIM_SUFFIX{})\n\
         set(PYSHIM_TAG{})\nset(PYSHIM_LIBRARY{})\n",
        list(definitions(config)),
        list(folders(config)),
        one(&config.suffix),
        one(&config.tag),
        list(library.unwrap_or_default()),
    )
}

fn meson(config: &Config) -> String {
    let string = |text: &str| format!("'{}'", text.replace('\\', r"\\").replace('\'', r"\'"));
    let list = |items: Vec<String>| {
        let items: Vec<String> = items.iter().map(|item| string(item)).collect();
        format!("[{}]", items.join(", "))
    };
    let flags = definitions(config)
        .into_iter()
        .map(|one| format!("-D{one}"));
    format!(
        "[constants]\npyshim_args = {}\npyshim_include_dirs = {}\npyshim_suffix = {}\n\
         pyshim_tag = {}\npyshim_library = {}\n",
        list(flags.collect()),
        list(folders(config)),
        string(&config.suffix),
        string(&config.tag),
        string(config.library.as_deref().unwrap_or_default()),
    )
}

fn cargo(config: &Config) -> String {
    let mut text = String::new();
    let mut say = |key: &str, value: &str| {
        let _ = writeln!(text, "cargo::metadata={key}={value}");
    };
    say("definitions", &definitions(config).join(" "));
    for (number, folder) in folders(config).iter().enumerate() {
        say(&format!("include_{number}"), folder);
    }
    say("suffix", &config.suffix);
    say("tag", &config.tag);
    if let Some(library) = &config.library {
        let name = library.trim_end_matches(".lib");
        let _ = writeln!(text, "cargo::rustc-link-lib={name}");
    }
    text
}
