//! Where links lead.

use crate::failure::Failure;
use crate::place::root;
use regex::Regex;
use std::cell::RefCell;
use std::collections::{BTreeMap, BTreeSet};

/// Where what is not in the site can be read.
const REPOSITORY: &str = concat!(env!("CARGO_PKG_REPOSITORY"), "/blob/main");

/// The pages there are, and what they show.
pub(super) struct Places {
    /// By source, the file in the site.
    files: BTreeMap<String, String>,
    order: Vec<String>,
    pictures: RefCell<BTreeSet<String>>,
}

impl Places {
    /// Of these sources, of which the first is the first page.
    pub(super) fn new(order: Vec<String>) -> Self {
        let place = |(index, source): (usize, &String)| {
            let file = match index {
                0 => "index.html".to_owned(),
                _ => format!("{}.html", source.trim_end_matches(".md")),
            };
            (source.clone(), file)
        };
        Places {
            files: order.iter().enumerate().map(place).collect(),
            order,
            pictures: RefCell::default(),
        }
    }

    /// All sources, in their order.
    pub(super) fn sources(&self) -> impl Iterator<Item = &str> {
        self.order.iter().map(String::as_str)
    }

    /// The file of a source.
    pub(super) fn file(&self, source: &str) -> Option<&str> {
        self.files.get(source).map(String::as_str)
    }

    /// The pictures that pages have asked for.
    pub(super) fn pictures(&self) -> BTreeSet<String> {
        self.pictures.borrow().clone()
    }

    /// Where a link of a source leads in the site, or in the repository.
    pub(super) fn target(&self, source: &str, link: &str) -> String {
        let (path, anchor) = match link.find('#') {
            Some(at) => link.split_at(at),
            None => (link, ""),
        };
        if path.is_empty() || path.contains("://") {
            return link.to_owned();
        }
        let from = self.file(source).unwrap_or_default();
        let path = resolve(source, path);
        let page = [path.clone(), format!("{path}/README.md")];
        let page = page.iter().find_map(|page| self.file(page));
        if let Some(page) = page {
            return format!("{}{anchor}", relative(from, page));
        }
        if path.ends_with(".png") {
            self.pictures.borrow_mut().insert(path.clone());
            return relative(from, &path);
        }
        format!("{REPOSITORY}/{path}{anchor}")
    }
}

/// A path that is relative to a file's folder, from the top.
fn resolve(source: &str, path: &str) -> String {
    let mut parts: Vec<&str> = source.split('/').collect();
    parts.pop();
    for part in path.split('/') {
        match part {
            "" | "." => {}
            ".." => {
                parts.pop();
            }
            part => parts.push(part),
        }
    }
    parts.join("/")
}

/// The way from one file of the site to another.
pub(super) fn relative(from: &str, to: &str) -> String {
    format!("{}{to}", "../".repeat(from.matches('/').count()))
}

/// Fails where a link leads to no file, or to no place in it.
pub(super) fn check(
    texts: &BTreeMap<String, String>,
    pictures: &BTreeSet<String>,
) -> Result<(), Failure> {
    let marks = pattern(r#"\b(?:id|name)="([^"]+)""#)?;
    let links = pattern(r#"\b(?:href|src)="([^"]+)""#)?;
    let marked = texts.iter().map(|(file, text)| {
        let marks = marks.captures_iter(text).map(|one| one[1].to_owned());
        (file.as_str(), marks.collect::<BTreeSet<String>>())
    });
    let marked: BTreeMap<&str, BTreeSet<String>> = marked.collect();
    let mut broken = BTreeSet::new();
    for (file, text) in texts {
        for link in links.captures_iter(text).map(|one| one[1].to_owned()) {
            let (path, anchor) = link.split_once('#').unwrap_or((&link, ""));
            let inside = path
                .strip_prefix(REPOSITORY)
                .map(|path| root().join(path.trim_start_matches('/')));
            let is_there = match inside {
                Some(path) => path.exists(),
                None if path.contains("://") || path.starts_with("data:") => true,
                None => {
                    let to = match path.is_empty() {
                        true => file.clone(),
                        false => resolve(file, path),
                    };
                    let has =
                        |marks: &BTreeSet<String>| anchor.is_empty() || marks.contains(anchor);
                    pictures.contains(&to) || marked.get(to.as_str()).is_some_and(has)
                }
            };
            if !is_there {
                broken.insert(format!("{file}: `{link}` leads nowhere"));
            }
        }
    }
    match broken.is_empty() {
        true => Ok(()),
        false => Err(Failure::Findings(Vec::from_iter(broken).join("\n"))),
    }
}

fn pattern(text: &str) -> Result<Regex, Failure> {
    Regex::new(text).map_err(|error| Failure::CouldNot(error.to_string()))
}

#[cfg(test)]
mod tests {
    use super::{Places, check};
    use std::collections::{BTreeMap, BTreeSet};

    #[test]
    fn links_lead_to_pages_pictures_or_the_repository() {
        let places = ["README.md", "docs/audit.md", "abi/README.md"].map(str::to_owned);
        let places = Places::new(places.to_vec());
        let to = |link| places.target("docs/audit.md", link);
        assert_eq!(to("../README.md"), "../index.html");
        assert_eq!(to("../abi/"), "../abi/README.html");
        assert_eq!(to("audit.md#x"), "../docs/audit.html#x");
        assert_eq!(to("#x"), "#x");
        assert_eq!(to("https://python.org/"), "https://python.org/");
        assert_eq!(to("pictures/a.png"), "../docs/pictures/a.png");
        assert_eq!(
            places.pictures(),
            BTreeSet::from(["docs/pictures/a.png".to_owned()])
        );
        assert!(to("../Cargo.toml").ends_with("/blob/main/Cargo.toml"));
    }

    #[test]
    fn links_that_lead_nowhere_are_named() {
        let site = |link: &str| {
            let pages = [
                ("index.html", format!("<a href=\"{link}\">x</a>")),
                ("docs/a.html", "<h2 id=\"here\">x</h2>".to_owned()),
            ];
            let pages = pages.map(|(file, text)| (file.to_owned(), text));
            check(&BTreeMap::from(pages), &BTreeSet::new())
        };
        assert!(site("docs/a.html#here").is_ok());
        for link in ["docs/b.html", "docs/a.html#there", "#here"] {
            let broken = site(link).unwrap_err().to_string();
            assert_eq!(broken, format!("index.html: `{link}` leads nowhere"));
        }
    }
}
