//! Texts of lessons as HTML that is XML too: nothing in a text is taken for a mark of the page, and nothing is fetched from elsewhere.

use pulldown_cmark::{Event, Options, Parser, Tag, TagEnd, html};

use crate::frames::escaped;
use crate::harmless;

/// A text in Markdown as HTML. Marks of HTML in it are text, pictures are their descriptions, and links lead to the web or nowhere.
pub(super) fn markdown(text: &str) -> String {
    let text = harmless::page(text);
    let mut links = Vec::new();
    let events = Parser::new_ext(&text, Options::ENABLE_TABLES | Options::ENABLE_STRIKETHROUGH);
    let kept = events.filter_map(|event| match event {
        Event::Html(raw) | Event::InlineHtml(raw) => Some(Event::Text(raw)),
        Event::Start(Tag::HtmlBlock | Tag::Image { .. }) | Event::End(TagEnd::HtmlBlock | TagEnd::Image) => None,
        Event::Start(Tag::Link { ref dest_url, .. }) => {
            let leads = ["https://", "http://"].iter().any(|scheme| dest_url.starts_with(scheme));
            links.push(leads);
            leads.then_some(event)
        }
        Event::End(TagEnd::Link) => links.pop().unwrap_or(false).then_some(event),
        other => Some(other),
    });
    let mut out = String::new();
    html::push_html(&mut out, kept);
    out
}

/// A text in Markdown that stands in a line: without the paragraph around it.
pub(super) fn inline(text: &str) -> String {
    let whole = markdown(text);
    let inner = whole.trim().strip_prefix("<p>").and_then(|rest| rest.strip_suffix("</p>")).filter(|inner| !inner.contains("<p>"));
    inner.map_or(whole.clone(), str::to_string)
}

/// A plain text as HTML.
pub(super) fn plain(text: &str) -> String {
    escaped(&harmless::page(text))
}

/// How every page looks: on a screen, and printed.
const STYLE: &str = "\
:root{color-scheme:light}
body{font:16px/1.5 Georgia,'Times New Roman',serif;color:#1c1c1c;background:#fff;max-width:52rem;margin:2rem auto;padding:0 1rem}
h1,h2,h3{font-family:system-ui,'Segoe UI',Helvetica,Arial,sans-serif;line-height:1.2}
h1{font-size:1.9rem;margin:0 0 .3rem}
h2{font-size:1.3rem;margin:2.2rem 0 .6rem;padding-top:.6rem;border-top:1px solid #bbb}
h3{font-size:1.05rem;margin:1.6rem 0 .4rem}
.question{font-size:1.2rem;font-style:italic;margin:.2rem 0 1rem}
.meta,figcaption{font-family:system-ui,'Segoe UI',Helvetica,Arial,sans-serif;font-size:.85rem;color:#555}
figure{margin:1rem 0;break-inside:avoid}
figure svg{width:100%;height:auto;border:1px solid #ccc;border-radius:6px;box-sizing:border-box}
figcaption{margin-top:.3rem}
code{font-family:Menlo,Consolas,'DejaVu Sans Mono',monospace;font-size:.9em;background:#f2f2f2;padding:0 .2em;border-radius:3px}
pre{background:#f6f6f6;border:1px solid #ddd;border-radius:4px;padding:.6rem;overflow:auto}
pre code{background:none;padding:0}
table{border-collapse:collapse;margin:.8rem 0;break-inside:avoid}
th,td{border:1px solid #bbb;padding:.25rem .6rem;text-align:left;vertical-align:top}
td.number,th.number{text-align:right;font-variant-numeric:tabular-nums}
ol.options{list-style:upper-alpha}
ul.goals{list-style:none;padding-left:1rem}
.box{display:inline-block;width:.8em;height:.8em;border:1.5px solid #555;border-radius:2px;margin-right:.5em}
.right{font-weight:bold}
.remember{border-left:4px solid #555;padding:.2rem 0 .2rem .8rem;margin:1rem 0}
.what{font-family:system-ui,'Segoe UI',Helvetica,Arial,sans-serif;font-size:.8rem;font-weight:normal;color:#555}
@media print{body{max-width:none;margin:0;padding:0;font-size:11pt}.part{break-before:page}h2,h3{break-after:avoid}li,p{orphans:3;widows:3}a{color:inherit;text-decoration:none}code,pre{background:none}pre{white-space:pre-wrap;overflow-wrap:anywhere}}
@page{margin:18mm 16mm}";

/// A whole page. `body` is HTML already.
pub(super) fn page(title: &str, body: &str) -> String {
    let title = plain(title);
    format!(
        "<!DOCTYPE html>\n<html xmlns=\"http://www.w3.org/1999/xhtml\" lang=\"en\">\n<head>\n<meta charset=\"utf-8\"/>\n\
         <meta name=\"viewport\" content=\"width=device-width, initial-scale=1\"/>\n\
         <meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; style-src 'unsafe-inline'\"/>\n\
         <title>{title}</title>\n<style>\n{STYLE}\n</style>\n</head>\n<body>\n{body}</body>\n</html>\n"
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_in_a_text_is_a_mark_of_the_page() {
        let hostile =
            "c <script>alert(1)</script> a & b ![x](http://evil/x.png) [y](javascript:alert) [z](https://a.b/?c&d) \u{202e}\u{1b}[2J";
        let page = page("<b>", &markdown(hostile));
        assert!(!page.contains("<script") && !page.contains("<img") && !page.contains("javascript:"), "{page}");
        assert!(page.contains("&lt;script&gt;") && page.contains("href=\"https://a.b/?c&amp;d\"") && page.contains("&lt;b&gt;"), "{page}");
        let options = roxmltree::ParsingOptions { allow_dtd: true, ..roxmltree::ParsingOptions::default() };
        roxmltree::Document::parse_with_options(&page, options).unwrap();
        assert_eq!(page.replace('\u{fffd}', "").chars().find(|c| c.is_control() && *c != '\n'), None);
    }

    #[test]
    fn a_line_has_no_paragraph_around_it() {
        assert_eq!(inline("a `b` *c*"), "a <code>b</code> <em>c</em>");
        assert!(inline("a\n\nb").starts_with("<p>"));
    }
}
