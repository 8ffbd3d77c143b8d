//! Reads the machine's own apt sources, to know the mirror that it uses and the keys that it
//! trusts.

use std::collections::BTreeMap;

/// A place that apt gets packages from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Source {
    pub(super) uri: String,
    pub(super) suites: Vec<String>,
    pub(super) components: Vec<String>,
    /// A key ring's path, or a key itself on continuation lines; empty where apt's own key rings
    /// are meant.
    pub(super) signed_by: String,
}

impl Source {
    /// Whether this is the distribution itself, and not its updates, backports or another archive
    /// for it.
    pub(super) fn is_main_archive(&self, codename: &str) -> bool {
        let names = [
            codename,
            "stable",
            "oldstable",
            "testing",
            "unstable",
            "sid",
        ];
        self.components.iter().any(|component| component == "main")
            && self
                .suites
                .iter()
                .any(|suite| names.contains(&suite.as_str()))
    }

    /// The same mirror and keys, another suite, in apt's deb822 format.
    pub(super) fn stanza(&self, suite: &str) -> String {
        let mut stanza = format!(
            "Types: deb\nURIs: {}\nSuites: {suite}\nComponents: main\n\
             Architectures: amd64\nTargets: Packages\n",
            self.uri
        );
        if !self.signed_by.is_empty() {
            stanza.push_str(&format!("Signed-By: {}\n", self.signed_by));
        }
        stanza
    }
}

/// The entries for binary packages in a `.list` file: one a line.
pub(super) fn parse_list(text: &str) -> Vec<Source> {
    text.lines().filter_map(parse_line).collect()
}

fn parse_line(line: &str) -> Option<Source> {
    let line = line.split('#').next()?.trim();
    let mut rest = line
        .strip_prefix("deb")?
        .strip_prefix([' ', '\t'])?
        .trim_start();
    let mut signed_by = String::new();
    if let Some(bracket) = rest.strip_prefix('[') {
        let (options, after) = bracket.split_once(']')?;
        for option in options.split_whitespace() {
            if let Some(value) = option.strip_prefix("signed-by=") {
                signed_by = value.to_owned();
            }
        }
        rest = after;
    }
    let mut words = rest.split_whitespace().map(str::to_owned);
    Some(Source {
        uri: words.next()?,
        suites: vec![words.next()?],
        components: words.collect(),
        signed_by,
    })
}

/// The entries for binary packages in a `.sources` file: stanzas of fields.
pub(super) fn parse_sources(text: &str) -> Vec<Source> {
    // A comment line may stand inside a stanza; an empty line ends it.
    let lines: Vec<&str> = text.lines().filter(|line| !line.starts_with('#')).collect();
    lines
        .split(|line| line.trim().is_empty())
        .flat_map(parse_stanza)
        .collect()
}

fn parse_stanza(lines: &[&str]) -> Vec<Source> {
    let mut fields: BTreeMap<String, String> = BTreeMap::new();
    let mut last = String::new();
    for line in lines {
        if line.starts_with([' ', '\t']) {
            if let Some(value) = fields.get_mut(&last) {
                value.push('\n');
                value.push_str(line);
            }
        } else if let Some((name, value)) = line.split_once(':') {
            last = name.to_lowercase();
            fields.insert(last.clone(), value.trim().to_owned());
        }
    }
    let text = |name: &str| fields.get(name).cloned().unwrap_or_default();
    let words =
        |name: &str| -> Vec<String> { text(name).split_whitespace().map(str::to_owned).collect() };
    if !words("types").contains(&"deb".to_owned()) || text("enabled").eq_ignore_ascii_case("no") {
        return Vec::new();
    }
    let source = |uri| Source {
        uri,
        suites: words("suites"),
        components: words("components"),
        signed_by: text("signed-by"),
    };
    words("uris").into_iter().map(source).collect()
}

#[cfg(test)]
mod tests {
    use super::{Source, parse_list, parse_sources};

    const SOURCES: &str = "\
Types: deb deb-src
# a comment inside
URIs: http://mirror.example/debian
Suites: bookworm bookworm-updates
Components: main contrib
Signed-By: /usr/share/keyrings/debian.gpg

Enabled: no
Types: deb
URIs: http://off.example/debian
Suites: bookworm
Components: main

Types: deb
URIs: http://tools.example/apt
Suites: bookworm-tools
Components: main
Signed-By:
 -----BEGIN PGP PUBLIC KEY BLOCK-----
 .
 abc
";

    fn source(uri: &str, suites: &[&str], components: &[&str], signed_by: &str) -> Source {
        let owned = |words: &[&str]| words.iter().map(|word| (*word).to_owned()).collect();
        Source {
            uri: uri.to_owned(),
            suites: owned(suites),
            components: owned(components),
            signed_by: signed_by.to_owned(),
        }
    }

    #[test]
    fn stanzas_are_read_and_disabled_ones_are_not() {
        let key = "\n -----BEGIN PGP PUBLIC KEY BLOCK-----\n .\n abc";
        assert_eq!(
            parse_sources(SOURCES),
            [
                source(
                    "http://mirror.example/debian",
                    &["bookworm", "bookworm-updates"],
                    &["main", "contrib"],
                    "/usr/share/keyrings/debian.gpg",
                ),
                source(
                    "http://tools.example/apt",
                    &["bookworm-tools"],
                    &["main"],
                    key
                ),
            ]
        );
    }

    #[test]
    fn lines_are_read_with_their_options() {
        let text = "\
# deb http://commented.example/debian bookworm main
deb-src http://mirror.example/debian bookworm main
deb http://mirror.example/debian bookworm main contrib # ours
deb\t[arch=amd64 signed-by=/etc/apt/keyrings/x.gpg] http://x.example/ y z
";
        assert_eq!(
            parse_list(text),
            [
                source(
                    "http://mirror.example/debian",
                    &["bookworm"],
                    &["main", "contrib"],
                    ""
                ),
                source(
                    "http://x.example/",
                    &["y"],
                    &["z"],
                    "/etc/apt/keyrings/x.gpg"
                ),
            ]
        );
    }

    #[test]
    fn only_the_distribution_itself_is_the_main_archive() {
        let is_main = |suite, component| {
            source("http://x.example/", &[suite], &[component], "").is_main_archive("bookworm")
        };
        assert!(is_main("bookworm", "main") && is_main("stable", "main"));
        assert!(!is_main("bookworm", "stable")); // how a third party's archive may look
        assert!(!is_main("bookworm-security", "main"));
        assert!(!is_main("bookworm-pgdg", "main"));
    }

    #[test]
    fn a_stanza_for_another_suite_keeps_mirror_and_keys() {
        for source in parse_sources(SOURCES) {
            let again = parse_sources(&source.stanza("sid"));
            assert_eq!(
                (&again[0].uri, &again[0].signed_by),
                (&source.uri, &source.signed_by)
            );
            assert_eq!(again[0].suites, ["sid"]);
        }
    }
}
