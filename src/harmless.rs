//! Text from outside made harmless, for every screen, error and report.
//!
//! A file, a command line or a recorded history can hold characters that a terminal obeys, that turn a line around, or that
//! nobody sees. They are shown by their code, as `\u{202e}`: the notation that commands read back. Tabs, line feeds and carriage
//! returns are `\t`, `\n` and `\r` in a [`line`]; a [`page`] keeps its lines.
//!
//! Shown are: control characters (C0, DEL, C1); the `Default_Ignorable_Code_Point`s of Unicode, which hold the bidirectional marks,
//! the zero-width characters, the variation selectors and the tag characters; separators of lines and paragraphs; interlinear
//! annotations; private use and noncharacters; and marks that would combine with nothing, or with more than [`MARKS_MAX`] others.
//! What joins visible things is left alone: U+200D within an emoji or an Indic cluster (Unicode Annex 29), U+200C between letters
//! of the scripts that need it, and U+FE0E and U+FE0F behind a symbol.

mod json;
mod net;

use std::borrow::Cow;
use std::fmt::Write as _;
use std::ops::Range;

use unicode_segmentation::UnicodeSegmentation as _;
use unicode_width::UnicodeWidthChar as _;

pub use json::{json, json_pretty};
pub use net::Net;

/// The most combining marks on one character; no script needs more.
const MARKS_MAX: usize = 8;

/// `DerivedCoreProperties.txt` of Unicode 16, `Default_Ignorable_Code_Point`.
const IGNORABLE: [(char, char); 17] = [
    ('\u{ad}', '\u{ad}'),
    ('\u{34f}', '\u{34f}'),
    ('\u{61c}', '\u{61c}'),
    ('\u{115f}', '\u{1160}'),
    ('\u{17b4}', '\u{17b5}'),
    ('\u{180b}', '\u{180f}'),
    ('\u{200b}', '\u{200f}'),
    ('\u{202a}', '\u{202e}'),
    ('\u{2060}', '\u{206f}'),
    ('\u{3164}', '\u{3164}'),
    ('\u{fe00}', '\u{fe0f}'),
    ('\u{feff}', '\u{feff}'),
    ('\u{ffa0}', '\u{ffa0}'),
    ('\u{fff0}', '\u{fff8}'),
    ('\u{1bca0}', '\u{1bca3}'),
    ('\u{1d173}', '\u{1d17a}'),
    ('\u{e0000}', '\u{e0fff}'),
];

/// Separators of lines and paragraphs, interlinear annotations, and private use.
const OTHERS: [(char, char); 5] = [
    ('\u{2028}', '\u{2029}'),
    ('\u{fff9}', '\u{fffb}'),
    ('\u{e000}', '\u{f8ff}'),
    ('\u{f0000}', '\u{ffffd}'),
    ('\u{100000}', '\u{10fffd}'),
];

/// The scripts whose letters U+200C keeps apart: Arabic to Sinhala, Myanmar, and Khmer.
const KEPT_APART: [(char, char); 3] = [('\u{600}', '\u{dff}'), ('\u{1000}', '\u{109f}'), ('\u{1780}', '\u{17d3}')];

const JOINER: char = '\u{200d}';
const NON_JOINER: char = '\u{200c}';

/// A text in one line: what would break, hide or turn it is shown by its code.
pub fn line(text: &str) -> Cow<'_, str> {
    shown(text, |c, out| match c {
        '\n' => out.push_str("\\n"),
        '\r' => out.push_str("\\r"),
        '\t' => out.push_str("\\t"),
        c => by_code(c, out),
    })
}

/// A text of several lines: they stay, a tab is four spaces, and everything else is as in [`line`].
pub fn page(text: &str) -> Cow<'_, str> {
    let text = if text.contains("\r\n") { Cow::Owned(text.replace("\r\n", "\n")) } else { Cow::Borrowed(text) };
    let show = |c: char, out: &mut String| match c {
        '\n' => out.push('\n'),
        '\t' => out.push_str("    "),
        c => by_code(c, out),
    };
    match text {
        Cow::Borrowed(text) => shown(text, show),
        Cow::Owned(text) => Cow::Owned(shown(&text, show).into_owned()),
    }
}

/// The most characters of a line that are shown before and after a place in it.
const AROUND: usize = 160;
/// The most characters of a sentence.
const SENTENCE_MAX: usize = 600;

/// The part of one line that is near `at` (in bytes, on character boundaries), as `show` makes it harmless, and where `at` stands in it.
pub fn excerpt(text: &str, at: Range<usize>, show: impl Fn(&str) -> Cow<'_, str>) -> (String, Range<usize>) {
    let first = text[..at.start].char_indices().rev().nth(AROUND - 1).map_or(0, |(n, _)| n);
    let upto = |from: usize| text[from..].char_indices().nth(AROUND).map_or(text.len(), |(n, _)| from + n);
    let end = at.end.min(upto(at.start));
    let [before, place, after] = [first..at.start, at.start..end, end..upto(end)].map(|part| show(&text[part]).into_owned());
    let marked = before.len()..before.len() + place.len();
    (before + &place + &after, marked)
}

/// A sentence in one line; the middle of a very long one is left out.
pub fn sentence(text: &str) -> String {
    let whole = line(text);
    let half = |mut chars: std::str::CharIndices<'_>| chars.nth(SENTENCE_MAX / 2).map(|(at, _)| at);
    let (Some(head), true) = (half(whole.char_indices()), whole.chars().nth(SENTENCE_MAX).is_some()) else {
        return whole.into_owned();
    };
    let tail = whole.char_indices().rev().nth(SENTENCE_MAX / 2).map_or(0, |(at, _)| at);
    format!("{} ... {}", &whole[..head], &whole[tail..])
}

/// Every character of a text, and whether it has to be shown by its code.
pub fn marked(text: &str) -> impl Iterator<Item = (char, bool)> {
    let mut before = None;
    text.graphemes(true).flat_map(move |cluster| {
        let around = (before, text_after(text, cluster));
        before = cluster.chars().next_back();
        cluster_marks(cluster, around)
    })
}

/// Whether a character by itself is one that nobody sees, that a terminal obeys, or that is drawn in no known way.
pub fn is_hidden(c: char) -> bool {
    let noncharacter = (u32::from(c) & 0xfffe) == 0xfffe || ('\u{fdd0}'..='\u{fdef}').contains(&c);
    c.is_control() || (!c.is_ascii() && (noncharacter || within(&IGNORABLE, c) || within(&OTHERS, c)))
}

fn within(ranges: &[(char, char)], c: char) -> bool {
    ranges.iter().any(|(first, last)| (*first..=*last).contains(&c))
}

/// Whether a character takes no room of its own and is no hidden one: an accent.
fn combines(c: char) -> bool {
    !c.is_ascii() && c.width() == Some(0) && !is_hidden(c)
}

fn shown(text: &str, show: impl Fn(char, &mut String)) -> Cow<'_, str> {
    if !text.chars().any(|c| is_hidden(c) || combines(c)) {
        return Cow::Borrowed(text);
    }
    let mut out = String::with_capacity(text.len() + 16);
    for (c, hidden) in marked(text) {
        if hidden { show(c, &mut out) } else { out.push(c) }
    }
    Cow::Owned(out)
}

fn by_code(c: char, out: &mut String) {
    // Writing to a String cannot fail.
    let _ = write!(out, "{}", c.escape_unicode());
}

/// The character that follows a part of a text.
fn text_after(text: &str, part: &str) -> Option<char> {
    let end = part.as_ptr() as usize + part.len() - text.as_ptr() as usize;
    text.get(end..).and_then(|rest| rest.chars().next())
}

/// The characters of one grapheme cluster; `around` is what stands before and after it.
fn cluster_marks(cluster: &str, around: (Option<char>, Option<char>)) -> impl Iterator<Item = (char, bool)> {
    let mut base = None;
    let mut before = around.0;
    let mut marks = 0;
    let last = cluster.chars().count() - 1;
    let after = move |index: usize, next: Option<char>| if index == last { around.1 } else { next };
    let nexts = cluster.chars().skip(1).map(Some).chain([None]);
    cluster.chars().zip(nexts).enumerate().map(move |(index, (c, next))| {
        marks = if combines(c) { marks + 1 } else { 0 };
        let hidden = match c {
            JOINER => index == 0 || index == last,
            NON_JOINER => ![before, after(index, next)].into_iter().all(|c| c.is_some_and(|c| within(&KEPT_APART, c))),
            '\u{fe0e}' | '\u{fe0f}' => !before.is_some_and(has_looks),
            c if combines(c) => base.is_none_or(char::is_whitespace) || marks > MARKS_MAX,
            c => is_hidden(c),
        };
        base = base.or(Some(c).filter(|c| !combines(*c) && !is_hidden(*c)));
        before = Some(c);
        (c, hidden)
    })
}

/// Whether a character can be drawn as a text or as a picture.
fn has_looks(c: char) -> bool {
    c.is_ascii_digit() || c == '#' || c == '*' || !(c.is_ascii() || c.is_alphanumeric() || c.is_whitespace() || is_hidden(c) || combines(c))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn what_a_terminal_obeys_or_nobody_sees_is_shown() {
        for (text, harmless) in [
            ("\u{1b}[2J", r"\u{1b}[2J"),
            ("a\u{7f}\u{9b}b", r"a\u{7f}\u{9b}b"),
            ("user\u{202e}nimda", r"user\u{202e}nimda"),
            ("pay\u{200b}load\u{feff}", r"pay\u{200b}load\u{feff}"),
            ("a\u{200d}b \u{200c}", r"a\u{200d}b \u{200c}"),
            ("\u{301}x", r"\u{301}x"),
            (" \u{301}x", r" \u{301}x"),
            ("a\u{fe0f}", r"a\u{fe0f}"),
            ("\u{e0041}\u{e000}\u{ffff}", r"\u{e0041}\u{e000}\u{ffff}"),
            ("one\r\ntwo\tthree", r"one\r\ntwo\tthree"),
        ] {
            assert_eq!(line(text), harmless);
        }
        assert_eq!(page("one\r\ntwo\tthree\u{1b}\n"), "one\ntwo    three\\u{1b}\n");
    }

    #[test]
    fn what_joins_visible_things_is_left_alone() {
        for text in [
            "plain",
            "naïve e\u{301}",
            "👩\u{200d}💻 👍🏽 ❤\u{fe0f}\u{200d}🔥 1\u{fe0f}\u{20e3}",
            "می\u{200c}خواهم",
            "क्\u{200d}ष",
            "日本 שלום",
        ] {
            assert_eq!(line(text), text);
        }
    }

    #[test]
    fn long_texts_are_shown_in_part() {
        let long = format!("{}x{}", "ä".repeat(1000), "\u{1b}".repeat(1000));
        let (part, at) = excerpt(&long, 2000..2001, line);
        assert_eq!((&part[at.clone()], at.start), ("x", 2 * AROUND));
        assert_eq!(part.matches("\\u{1b}").count(), AROUND);
        assert_eq!(excerpt(&long, 0..long.len(), line).0.chars().count(), 2 * AROUND);
        assert_eq!(excerpt("", 0..0, line), (String::new(), 0..0));
        assert_eq!(sentence(&"é".repeat(SENTENCE_MAX)), "é".repeat(SENTENCE_MAX));
        assert!(sentence(&long).chars().count() < SENTENCE_MAX + 20);
        assert!(sentence(&long).starts_with("ää") && sentence(&long).ends_with("\\u{1b}"));
    }

    #[test]
    fn a_pile_of_marks_is_cut_down() {
        let pile = format!("a{}", "\u{301}".repeat(200));
        assert_eq!(line(&pile).matches("\\u{301}").count(), 200 - MARKS_MAX);
    }

    proptest! {
        #[test]
        fn nothing_hidden_is_left_and_nothing_visible_is_lost(text in any::<String>()) {
            let harmless = line(&text);
            let obeyed = |c: char| c.is_control() || ('\u{202a}'..='\u{202e}').contains(&c);
            prop_assert!(!harmless.chars().any(obeyed));
            prop_assert_eq!(line(&harmless), harmless.clone());
            let visible = |t: &str| t.chars().filter(|c| !is_hidden(*c) && !combines(*c)).count();
            prop_assert!(visible(&harmless) >= visible(&text));
        }
    }
}
