//! One page: Markdown as HTML, with a list of all pages beside it.

use super::links::{Places, relative};
use super::{OTHERS, REPORT};
use maud::{DOCTYPE, PreEscaped, html};
use pulldown_cmark::{CowStr, Event, Options, Parser, Tag, TagEnd};
use pyshim_gen::html as report;
use std::collections::BTreeMap;

const STYLE: &str = include_str!("site.css");

/// A page.
pub(super) struct Page {
    /// In the site.
    pub(super) file: String,
    title: String,
    is_family: bool,
    body: String,
}

impl Page {
    /// That of a source.
    pub(super) fn of(source: &str, text: &str, places: &Places) -> Self {
        let mut options = Options::empty();
        options.insert(Options::ENABLE_TABLES | Options::ENABLE_STRIKETHROUGH);
        let events = Parser::new_ext(text, options).filter(|event| !is_comment(event));
        let mut events: Vec<Event<'_>> = events.collect();
        let mut seen = BTreeMap::new();
        let mut title = None;
        for index in 0..events.len() {
            let heading = heading(&events[index..]);
            match &mut events[index] {
                Event::Start(Tag::Heading { id, .. }) => {
                    *id = Some(CowStr::from(mark(&heading, &mut seen)));
                    title.get_or_insert(heading);
                }
                Event::Start(Tag::Link { dest_url, .. } | Tag::Image { dest_url, .. }) => {
                    *dest_url = CowStr::from(places.target(source, dest_url));
                }
                _ => {}
            }
        }
        let mut body = String::new();
        pulldown_cmark::html::push_html(&mut body, events.into_iter());
        Page {
            file: places.file(source).unwrap_or_default().to_owned(),
            title: match OTHERS.iter().find(|(other, _)| *other == source) {
                Some((_, Some(title))) => (*title).to_owned(),
                _ => title.unwrap_or_else(|| source.to_owned()),
            },
            is_family: source.starts_with("docs/families/"),
            body,
        }
    }

    /// All of it, with links to the other pages.
    pub(super) fn html(&self, all: &[Page]) -> String {
        let to = |file: &str| relative(&self.file, file);
        let list = |is_family: bool| {
            let pages = all.iter().filter(move |page| page.is_family == is_family);
            html! {
                @for page in pages {
                    li {
                        a href=(to(&page.file)) aria-current=[(page.file == self.file).then_some("page")] {
                            (page.title)
                        }
                    }
                }
            }
        };
        let page = html! {
            (DOCTYPE)
            html lang="en" {
                head {
                    meta charset="utf-8";
                    meta name="viewport" content="width=device-width, initial-scale=1";
                    meta name="color-scheme" content="light dark";
                    meta http-equiv="Content-Security-Policy"
                        content="default-src 'none'; style-src 'unsafe-inline'; img-src 'self'";
                    title { (self.title) @if self.title != "pyshim" { " – pyshim" } }
                    style { (PreEscaped(STYLE)) }
                }
                body {
                    a .skip href="#page" { "To the page" }
                    nav aria-label="All pages" {
                        ul { (list(false)) }
                        p { "Families" }
                        ul { (list(true)) }
                        p { "Data" }
                        ul { li { a href=(to(&format!("{REPORT}/{}", report::FIRST))) { "Matrix, bytes of structs, history" } } }
                    }
                    main #page { (PreEscaped(&self.body)) }
                }
            }
        };
        page.into_string()
    }
}

/// Marks for what is generated are for whoever edits the source.
fn is_comment(event: &Event<'_>) -> bool {
    matches!(event, Event::Html(text) | Event::InlineHtml(text) if text.trim_start().starts_with("<!--"))
}

/// The text of a heading that begins here.
fn heading(events: &[Event<'_>]) -> String {
    let inside = events.iter().skip(1);
    let inside = inside.take_while(|event| !matches!(event, Event::End(TagEnd::Heading(_))));
    let texts = inside.filter_map(|event| match event {
        Event::Text(text) | Event::Code(text) => Some(&**text),
        _ => None,
    });
    match events.first() {
        Some(Event::Start(Tag::Heading { .. })) => texts.collect(),
        _ => String::new(),
    }
}

/// The name by which GitHub links to a heading: small letters, and hyphens for spaces.
fn mark(heading: &str, seen: &mut BTreeMap<String, usize>) -> String {
    let is_kept = |c: &char| c.is_alphanumeric() || matches!(c, '-' | '_' | ' ');
    let small = heading.to_lowercase();
    let kept = small.chars().filter(is_kept);
    let mark: String = kept.map(|c| if c == ' ' { '-' } else { c }).collect();
    let times = seen.entry(mark.clone()).or_default();
    *times += 1;
    match *times {
        1 => mark,
        times => format!("{mark}-{}", times - 1),
    }
}
