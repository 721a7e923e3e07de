//! Markdown in other clothes.

use pulldown_cmark::{Event, Parser, Tag, TagEnd};

/// As HTML of one line.
pub(super) fn html(markdown: &str) -> String {
    let mut out = String::new();
    for event in Parser::new(markdown) {
        match event {
            Event::Text(text) | Event::Html(text) | Event::InlineHtml(text) => out.push_str(&escaped(&text)),
            Event::Code(text) => out.extend(["<code>", &escaped(&text), "</code>"]),
            Event::SoftBreak => out.push(' '),
            Event::HardBreak => out.push_str("<br>"),
            Event::Start(Tag::Paragraph) if !out.is_empty() && !out.ends_with("<li>") => out.push_str("<br><br>"),
            Event::Start(tag) => out.push_str(opening(&tag)),
            Event::End(tag) => out.push_str(closing(tag)),
            _ => {}
        }
    }
    out
}

fn opening(tag: &Tag<'_>) -> &'static str {
    match tag {
        Tag::Emphasis => "<i>",
        Tag::Strong => "<b>",
        Tag::List(Some(_)) => "<ol>",
        Tag::List(None) => "<ul>",
        Tag::Item => "<li>",
        _ => "",
    }
}

fn closing(tag: TagEnd) -> &'static str {
    match tag {
        TagEnd::Emphasis => "</i>",
        TagEnd::Strong => "</b>",
        TagEnd::List(true) => "</ol>",
        TagEnd::List(false) => "</ul>",
        TagEnd::Item => "</li>",
        _ => "",
    }
}

/// Text that is no markup in HTML.
pub(super) fn escaped(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;").replace('\n', " ")
}

/// As plain words of one line.
pub fn plain(markdown: &str) -> String {
    let mut out = String::new();
    for event in Parser::new(markdown) {
        match event {
            Event::Text(text) | Event::Code(text) | Event::Html(text) | Event::InlineHtml(text) => out.push_str(&text),
            Event::SoftBreak | Event::HardBreak | Event::Start(Tag::Paragraph | Tag::Item) => out.push(' '),
            _ => {}
        }
    }
    out.split_whitespace().collect::<Vec<_>>().join(" ")
}
