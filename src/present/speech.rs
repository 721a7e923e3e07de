//! Texts of a lesson as one says them: a sentence or two at a time, and short titles.

use unicode_width::UnicodeWidthStr;

use crate::lesson::schema::{Step, StepKind};

/// The most cells of a line of prose on the wall.
pub const LINE: usize = 60;

/// Sentences are said together as long as they take no more cells than this: a little less than two lines.
const TOGETHER: usize = 100;

/// No part is longer than this, so that it takes four lines at most.
const LONGEST: usize = 210;

/// The longest title, in cells.
pub(super) const TITLE: usize = 44;

/// A Markdown text in the parts in which it is said. Emphasis, code and list items stay whole.
pub fn parts(text: &str) -> Vec<String> {
    let blocks = text.split("\n\n").map(str::trim).filter(|block| !block.is_empty());
    blocks.flat_map(|block| if is_kept(block) { items(block) } else { together(sentences(&one_line(block))) }).collect()
}

/// The same under this title: the sentence that is the title is left out.
pub fn parts_under(title: &str, text: &str) -> Vec<String> {
    let whole = parts(text);
    let mut found = false;
    let mut is_it = |sentence: &String| {
        let same = !found && is_same(sentence, title);
        found |= same;
        same
    };
    let without = |part: &String| {
        if part.starts_with('|') || part.starts_with("```") {
            return part.clone();
        }
        sentences(part).into_iter().filter(|sentence| !is_it(sentence)).collect::<Vec<_>>().join(" ")
    };
    let rest: Vec<String> = whole.iter().map(without).filter(|part| !part.is_empty()).collect();
    if rest.is_empty() { whole } else { rest }
}

fn is_same(sentence: &str, title: &str) -> bool {
    sentence.replace(['*', '`'], "").trim_end_matches(['.', ':']).to_lowercase() == title.to_lowercase()
}

/// Whether the lines of a block are more than the lines of a paragraph.
fn is_kept(block: &str) -> bool {
    block.lines().skip(1).any(is_item) || is_item(block) || block.starts_with('|') || block.starts_with("```")
}

fn is_item(line: &str) -> bool {
    let line = line.trim_start();
    let number = line.trim_start_matches(|c: char| c.is_ascii_digit());
    line.starts_with("- ") || line.starts_with("* ") || number.len() < line.len() && number.starts_with(". ")
}

/// The items of a list, each in one line; a table or code as it is.
fn items(block: &str) -> Vec<String> {
    if block.starts_with('|') || block.starts_with("```") {
        return vec![block.to_string()];
    }
    let mut items: Vec<String> = Vec::new();
    for line in block.lines() {
        match items.last_mut().filter(|_| !is_item(line)) {
            Some(item) => {
                item.push(' ');
                item.push_str(line.trim());
            }
            None => items.push(line.trim().to_string()),
        }
    }
    items
}

fn one_line(block: &str) -> String {
    block.lines().map(str::trim).collect::<Vec<_>>().join(" ")
}

/// Sentences, with what belongs to them.
fn sentences(text: &str) -> Vec<String> {
    let (mut all, mut start) = (Vec::new(), 0);
    let mut inside = Inside::default();
    let chars: Vec<(usize, char)> = text.char_indices().collect();
    for (i, &(_, c)) in chars.iter().enumerate() {
        inside.take(c);
        let before = text[start..chars[i].0].trim_start();
        if c != ' ' || !ends(before) || inside.is_open() {
            continue;
        }
        let next = text[chars[i].0..].trim_start();
        let begins =
            next.starts_with(|c: char| c.is_uppercase() || c.is_ascii_digit() || "*`\"({x".contains(c)) || starts_with_a_name(next);
        if begins {
            all.push(before.to_string());
            start = chars[i].0;
        }
    }
    let last = text[start..].trim();
    if !last.is_empty() {
        all.push(last.to_string());
    }
    all.into_iter().flat_map(|sentence| shortened(&sentence)).collect()
}

/// A server or client, which keeps its small letter at the start of a sentence.
fn starts_with_a_name(text: &str) -> bool {
    let mut chars = text.chars();
    matches!((chars.next(), chars.next()), (Some('n' | 'c'), Some(digit)) if digit.is_ascii_digit())
}

/// Whether a sentence ends here: at a stop, before closing signs. The number of a list item, a single letter and what is short for a
/// word end none.
fn ends(text: &str) -> bool {
    let text = text.trim_end_matches(['*', '"', ')', '_', '`']);
    let Some(before) = text.strip_suffix(['.', '?', '!']) else { return false };
    let word = before.rsplit([' ', '(', '*']).next().unwrap_or_default();
    let is_number =
        !word.is_empty() && word.bytes().all(|byte| byte.is_ascii_digit()) && before.trim_start_matches('*').len() == word.len();
    let is_short = ["e.g", "i.e", "etc", "vs", "cf", "p", "no"].contains(&word.to_lowercase().as_str());
    !is_number && !is_short || text.ends_with(['?', '!'])
}

/// What is open: emphasis, code, double braces.
#[derive(Default)]
struct Inside {
    star: bool,
    strong: bool,
    code: bool,
    braces: usize,
    /// The stars that have just been read.
    stars: usize,
}

impl Inside {
    fn take(&mut self, c: char) {
        if c == '*' && !self.code {
            self.stars += 1;
            return;
        }
        match std::mem::take(&mut self.stars) {
            0 => {}
            1 => self.star = !self.star,
            2 => self.strong = !self.strong,
            _ => (self.star, self.strong) = (!self.star, !self.strong),
        }
        match c {
            '`' => self.code = !self.code,
            '{' => self.braces += 1,
            '}' => self.braces = self.braces.saturating_sub(1),
            _ => {}
        }
    }

    fn is_open(&self) -> bool {
        self.star || self.strong || self.code || self.braces > 0
    }
}

/// A sentence of a length that can be read from afar: a very long one is parted where it pauses.
fn shortened(sentence: &str) -> Vec<String> {
    if sentence.width() <= LONGEST {
        return vec![sentence.to_string()];
    }
    let mut inside = Inside::default();
    let mut pause = None;
    for (at, c) in sentence.char_indices() {
        inside.take(c);
        let before = &sentence[..at];
        if c == ' ' && !inside.is_open() && before.ends_with([':', ';', ',']) && before.width() <= LONGEST && before.width() >= TOGETHER / 2
        {
            pause = Some(at);
        }
    }
    match pause {
        Some(at) => std::iter::once(sentence[..at].to_string()).chain(shortened(sentence[at..].trim_start())).collect(),
        None => vec![sentence.to_string()],
    }
}

/// Short sentences are said together.
fn together(sentences: Vec<String>) -> Vec<String> {
    let mut parts: Vec<String> = Vec::new();
    for sentence in sentences {
        match parts.last_mut().filter(|last| last.width() + 1 + sentence.width() <= TOGETHER) {
            Some(last) => {
                last.push(' ');
                last.push_str(&sentence);
            }
            None => parts.push(sentence),
        }
    }
    parts
}

/// The title of a step: what its text says in strong letters, or the question that it ends with, or what is done. None gives away
/// what is to be found out, as the name of the step may.
pub fn title(step: &Step) -> String {
    if let Some(title) = strong(&step.text).or_else(|| question(&step.text)) {
        return title;
    }
    match &step.kind {
        StepKind::Say { script, .. } if script.is_empty() && parts(&step.text).len() > 2 => "In short".into(),
        StepKind::Say { script, .. } if script.is_empty() => "Look".into(),
        StepKind::Say { .. } => "Watch".into(),
        StepKind::Predict { .. } => "What will happen?".into(),
        StepKind::Try(_) => "Your turn".into(),
        StepKind::Compare(compare) => {
            let both = format!("{} or {}?", compare.a.name, compare.b.name);
            if both.width() <= TITLE { capital(&both) } else { "Compare".into() }
        }
        StepKind::Measure(_) => "Measured".into(),
    }
}

/// `Limit 2 of 3: lost writes` of `**Limit 2 of 3: lost writes.** The cut heals.`: the first short sentence in strong letters.
fn strong(text: &str) -> Option<String> {
    let fits = |strong: &&str| {
        let plain = strong.trim_end_matches(['.', ':']);
        let ends = strong.len() > plain.len() && !plain.contains(". ");
        ends && plain.width() <= TITLE && plain.contains(' ') && !plain.contains(['\n', '{', '`', '*'])
    };
    let strong = text.split("**").skip(1).step_by(2).find(fits)?;
    Some(capital(strong.trim_end_matches(['.', ':'])))
}

/// The last sentence of a text, where it is a short question.
fn question(text: &str) -> Option<String> {
    let last = text.trim().rsplit("\n\n").next().map(one_line)?;
    let last = sentences(&last).pop()?;
    let plain = last.replace(['*', '`'], "");
    (plain.ends_with('?') && plain.width() <= TITLE && !plain.contains('{')).then(|| capital(&plain))
}

fn capital(text: &str) -> String {
    let mut chars = text.chars();
    chars.next().map_or_else(String::new, |first| first.to_uppercase().chain(chars).collect())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::lesson::catalogue;
    use proptest::prelude::*;

    #[test]
    fn short_sentences_are_said_together_and_long_ones_alone() {
        let text = "**n1** leads (★). A bar fills while a server hears nothing from its leader. **Limit 1 of 3: make two servers lead at once.** {{crash}} crashes, {{cut}} cuts.";
        assert_eq!(
            parts(text),
            [
                "**n1** leads (★). A bar fills while a server hears nothing from its leader.",
                "**Limit 1 of 3: make two servers lead at once.** {{crash}} crashes, {{cut}} cuts."
            ]
        );
        assert_eq!(parts("x is 8 on n1. And now?"), ["x is 8 on n1. And now?"]);
        assert_eq!(parts("**Keep it all. Then crash n1:** now."), ["**Keep it all. Then crash n1:** now."]);
    }

    #[test]
    fn lists_are_told_item_by_item() {
        assert_eq!(
            parts("So it can\n\n**1. make two leaders**: fence\nit;\n\n- one\n- two\n  more"),
            ["So it can", "**1. make two leaders**: fence it;", "- one", "- two more"]
        );
    }

    #[test]
    fn what_the_title_says_is_not_said_again() {
        assert_eq!(parts_under("Limit 2: lost writes", "**Limit 2: lost writes.** The cut heals. And now?"), ["The cut heals. And now?"]);
        assert_eq!(parts_under("Who is told ok?", "Both write. Who is told *ok*?"), ["Both write."]);
        assert_eq!(parts_under("Who is told ok?", "Who is told *ok*?"), ["Who is told *ok*?"]);
    }

    #[test]
    fn titles_come_from_the_text() {
        let lesson = catalogue().open("failover-limits").unwrap().unwrap();
        let titles: Vec<String> = lesson.steps.iter().map(title).collect();
        assert_eq!(&titles[1..3], ["Who is told ok?", "Limit 2 of 3: lost writes"]);
        assert_eq!(titles[4], "How many stars are there?");
    }

    #[test]
    fn every_part_of_every_lesson_is_short_and_nothing_is_left_out() {
        for id in catalogue().lessons() {
            let lesson = catalogue().open(id).unwrap().unwrap();
            for text in lesson.steps.iter().flat_map(Step::texts) {
                let parts = parts(text);
                let letters = |text: &str| text.chars().filter(|c| !c.is_whitespace()).collect::<String>();
                assert_eq!(letters(&parts.concat()), letters(text), "{id}");
                for part in parts.iter().filter(|part| !part.starts_with('|')) {
                    assert!(part.width() <= LONGEST + 90, "{id}: {part}");
                    assert!(part.matches("**").count() % 2 == 0 && part.matches('`').count() % 2 == 0, "{id}: {part}");
                }
            }
            for step in &lesson.steps {
                assert!(title(step).width() <= TITLE, "{id} {}: {}", step.id, title(step));
            }
        }
    }

    proptest! {
        #[test]
        fn no_letter_of_any_text_is_lost(text in "[a-cA-C.?!*`{}\\- \n0-9:;]{0,200}") {
            let letters = |text: &str| text.chars().filter(|c| !c.is_whitespace()).collect::<String>();
            prop_assert_eq!(letters(&parts(&text).concat()), letters(&text));
        }
    }
}
