//! `cargo xtask site`: what this repository says of pyshim and the pages of `pyshim report`, as files for
//! any server of files. Every link in it leads somewhere.

mod links;
mod page;

use crate::failure::{Failure, could_not, could_not_at};
use crate::place::{root, target};
use crate::task::Task;
use links::Places;
use page::Page;
use pyshim_gen::html::{self, Subject};
use pyshim_gen::surface::manifest::of_model;
use pyshim_gen::{read, read_observed};
use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

pub(crate) const TASK: Task = Task {
    name: "site",
    about: "Make a site of the documentation and of the pages of `pyshim report`, in target/site",
    arguments: |command| command,
    run: |_| {
        let (folder, new) = (target().join("site"), target().join("site.new"));
        remove(&new)?;
        let count = make(&new)?;
        // The last one stays until this one is whole.
        remove(&folder)?;
        fs::rename(&new, &folder).map_err(could_not_at("write", &folder))?;
        println!("{count} files: {}", folder.join("index.html").display());
        Ok(())
    },
};

/// The pages beside the first one and those in `docs`, with what they are called where their own heading,
/// on its own, does not say of what they are.
const OTHERS: [(&str, Option<&str>); 7] = [
    ("abi/README.md", None),
    ("generator/README.md", Some("The command pyshim")),
    ("shim/README.md", Some("The crate pyshim")),
    ("python/README.md", Some("The Python package pyshim")),
    ("examples/README.md", None),
    ("CONTRIBUTING.md", None),
    ("CHANGELOG.md", None),
];
/// The page that comes first.
const FIRST: &str = "README.md";
/// Where the pages of `pyshim report` are.
const REPORT: &str = "report";

fn remove(folder: &Path) -> Result<(), Failure> {
    match folder.exists() {
        true => fs::remove_dir_all(folder).map_err(could_not_at("remove", folder)),
        false => Ok(()),
    }
}

/// Makes the site in a new folder, and says of how many files it is. It fails where a link leads nowhere.
fn make(folder: &Path) -> Result<usize, Failure> {
    let root = root();
    let places = Places::new(sources(&root)?);
    let pages: Vec<Page> = places
        .sources()
        .map(|source| {
            let path = root.join(source);
            let text = fs::read_to_string(&path).map_err(could_not_at("read", &path))?;
            Ok(Page::of(source, &text, &places))
        })
        .collect::<Result<_, Failure>>()?;
    let mut texts: BTreeMap<String, String> = report(&root)?;
    for page in &pages {
        texts.insert(page.file.clone(), page.html(&pages));
    }
    let pictures = places.pictures();
    links::check(&texts, &pictures)?;
    for (file, text) in &texts {
        let path = new(folder, file)?;
        fs::write(&path, text).map_err(could_not_at("write", &path))?;
    }
    for picture in &pictures {
        let path = new(folder, picture)?;
        fs::copy(root.join(picture), &path).map_err(could_not_at("write", &path))?;
    }
    Ok(texts.len() + pictures.len())
}

/// A file's place, in a folder that is there.
fn new(folder: &Path, file: &str) -> Result<PathBuf, Failure> {
    let path = folder.join(file);
    let parent = path.parent().unwrap_or(folder);
    fs::create_dir_all(parent).map_err(could_not_at("make", parent))?;
    Ok(path)
}

/// What becomes a page: relative to the checkout, the first one first.
fn sources(root: &Path) -> Result<Vec<String>, Failure> {
    let mut sources = vec![FIRST.to_owned()];
    for folder in ["docs", "docs/families", "docs/internals"] {
        let path = root.join(folder);
        let items = fs::read_dir(&path).map_err(could_not_at("read", &path))?;
        let names = items.flatten().map(|item| item.file_name());
        let names = names.map(|name| name.to_string_lossy().into_owned());
        let mut names = Vec::from_iter(names.filter(|name| name.ends_with(".md")));
        names.sort();
        sources.extend(names.iter().map(|name| format!("{folder}/{name}")));
    }
    sources.extend(OTHERS.map(|(source, _)| source.to_owned()));
    Ok(sources)
}

/// The pages of `pyshim report`, by their place in the site.
fn report(root: &Path) -> Result<BTreeMap<String, String>, Failure> {
    let reading = read(&root.join("abi")).map_err(could_not("read the manifest"))?;
    let model = reading.model.as_ref();
    let model = model.ok_or_else(|| Failure::Findings("the manifest is invalid".into()))?;
    let observed = read_observed(&root.join("abi/observed"));
    let observed = observed.map_err(could_not("read the snapshots"))?;
    let pages = html::pages(&Subject {
        model,
        surface: &of_model(model, &reading.sources),
        observed: &observed,
        wheels: None,
    });
    let pages = pages.files.into_iter();
    Ok(pages
        .map(|(file, text)| (format!("{REPORT}/{file}"), text))
        .collect())
}

#[cfg(test)]
mod tests {
    use super::make;

    #[test]
    fn every_link_of_the_site_leads_somewhere() {
        let folder = tempfile::tempdir().expect("a folder");
        let count = make(folder.path()).map_err(|failure| failure.to_string());
        assert!(count.as_ref().is_ok_and(|count| *count > 40), "{count:?}");
        for file in [
            "index.html",
            "docs/audit.html",
            "docs/pictures/struct.png",
            "report/index.html",
        ] {
            assert!(folder.path().join(file).is_file(), "{file}");
        }
    }
}
