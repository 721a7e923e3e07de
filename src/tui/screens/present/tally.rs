//! The answers to a question, and how many chose each: before the talk and after it, side by side.

use crate::present::{Round, Vote};
use crate::tui::theme::Theme;
use crate::tui::widgets::text::{Line, line_width, piece, width, wrap};

/// Cells of a bar.
const BAR: usize = 17;

/// The words before the bars.
const WORDS: [&str; 2] = ["first ", "then  "];

/// What is seen of a question.
pub(super) struct Tally<'a> {
    pub(super) theme: &'a Theme,
    /// The answers, without marks.
    pub(super) options: &'a [String],
    /// The counts, once they are to be seen.
    pub(super) vote: Option<&'a Vote>,
    /// The answer that is right, once that is known.
    pub(super) right: Option<usize>,
    /// The columns that there are.
    pub(super) width: usize,
}

impl Tally<'_> {
    /// The answers as lines, each with its bars beside it, or below it where there is no room.
    pub(super) fn lines(&self) -> Vec<Vec<Line>> {
        let beside = self.beside();
        (0..self.options.len()).map(|option| self.option(option, beside)).collect()
    }

    /// The rounds that are seen.
    fn rounds(&self) -> Vec<Round> {
        let counted = |round: &Round| self.vote.is_some_and(|vote| vote.of(*round).is_some());
        [Round::First, Round::Second].into_iter().filter(counted).collect()
    }

    /// The column at which bars begin beside the answers, if they do.
    fn beside(&self) -> Option<usize> {
        let text = self.options.iter().map(|option| width(option) + 3).max().unwrap_or(0);
        let bars = self.rounds().len() * (WORDS[0].len() + BAR + 1 + self.digits()) + 4;
        (bars > 4 && text + 2 + bars <= self.width).then_some(text + 2)
    }

    fn digits(&self) -> usize {
        let most = |round: &Round| (0..self.options.len()).filter_map(|option| Some(self.vote?.of(*round)?.of(option))).max();
        self.rounds().iter().filter_map(most).max().unwrap_or(0).to_string().len()
    }

    fn option(&self, option: usize, beside: Option<usize>) -> Vec<Line> {
        let theme = self.theme;
        let is_right = self.right == Some(option);
        let (number, text) = if is_right { (theme.good, theme.good) } else { (theme.key, theme.strong) };
        let room = self.width.min(crate::present::speech::LINE).saturating_sub(3).max(1);
        let mut lines: Vec<Line> = Vec::new();
        for (i, part) in wrap(&self.options[option], room).into_iter().enumerate() {
            // The sign of the right one takes no room of its own: bars stand where they stood.
            let sign = if is_right { theme.glyphs.ok } else { " " };
            let before = if i == 0 { piece(format!("{}{sign} ", option + 1), number) } else { piece("   ", text) };
            lines.push(vec![before, piece(part, text)]);
        }
        let bars = self.bars(option);
        match beside {
            _ if bars.is_empty() => {}
            Some(column) => {
                let used = line_width(&lines[0]);
                lines[0].push(piece(" ".repeat(column.saturating_sub(used)), text));
                lines[0].extend(bars);
            }
            None => lines.push([vec![piece("   ", text)], bars].concat()),
        }
        lines
    }

    fn bars(&self, option: usize) -> Line {
        let (theme, digits) = (self.theme, self.digits());
        let [full, empty] = theme.glyphs.bar;
        let mut line = Line::new();
        for (i, round) in self.rounds().into_iter().enumerate() {
            let Some(counts) = self.vote.and_then(|vote| vote.of(round)) else { continue };
            let (count, total) = (counts.of(option), counts.total().max(1));
            // Who chose at all is seen, and a bar is full only when all chose the same.
            let cells = (f64::from(count) / total as f64 * BAR as f64).round() as usize;
            let cells = if count == 0 { 0 } else { cells.max(1) };
            let cells = if u64::from(count) < total { cells.min(BAR - 1) } else { cells };
            let style = if self.right == Some(option) { theme.good } else { theme.strong };
            let word = if option == 0 { WORDS[round as usize] } else { "      " };
            line.push(piece(if i > 0 { "    " } else { "" }, theme.text));
            line.push(piece(word, theme.text));
            line.push(piece(full.repeat(cells), style));
            line.push(piece(empty.repeat(BAR - cells), theme.edge));
            line.push(piece(format!(" {count:>digits$}"), theme.strong));
        }
        line
    }
}

/// `37 votes, talk, 36 votes`.
pub(super) fn totals(vote: &Vote) -> String {
    let said = |round: Round| vote.of(round).map(|counts| votes(counts.total()));
    match (said(Round::First), said(Round::Second)) {
        (Some(first), Some(second)) => format!("{first}, talk, {second}"),
        (Some(only), None) => format!("{only}, before the talk"),
        (None, Some(only)) => format!("{only}, after the talk"),
        (None, None) => String::new(),
    }
}

/// `1 vote`, `12 votes`.
pub(super) fn votes(count: u64) -> String {
    format!("{count} vote{}", if count == 1 { "" } else { "s" })
}

/// What is typed, so that nobody sees how the others voted: every count is covered by as many signs, whatever it is.
pub(super) fn covered(theme: &Theme, text: &str) -> String {
    let cover = if theme.glyphs.ascii { "**" } else { "••" };
    let one = |part: &str| match part.split_once('=') {
        Some((answer, count)) if !count.trim().is_empty() => {
            format!("{answer}={cover}{}", &count[count.trim_end_matches([' ', ',']).len()..])
        }
        _ => part.to_string(),
    };
    text.split_inclusive([' ', ',']).map(one).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::present::Counts;

    fn options() -> Vec<String> {
        ["only c2", "both of them", "neither"].map(String::from).to_vec()
    }

    fn vote() -> Vote {
        let mut vote = Vote::default();
        vote.keep(Round::First, Some(Counts::new(vec![12, 20, 5])));
        vote.keep(Round::Second, Some(Counts::new(vec![3, 33, 1])));
        vote
    }

    fn text(lines: &[Vec<Line>]) -> String {
        lines.iter().flatten().map(|line| line.iter().map(|part| part.text.as_str()).collect::<String>() + "\n").collect()
    }

    #[test]
    fn both_counts_stand_side_by_side() {
        let (theme, options, vote) = (Theme::default(), options(), vote());
        let tally = |width| Tally { theme: &theme, options: &options, vote: Some(&vote), right: Some(1), width };
        let wide = text(&tally(74).lines());
        assert_eq!(wide.lines().count(), 3, "{wide}");
        assert!(wide.contains("1  only c2") && wide.contains("first ━━━━━━╌╌╌╌╌╌╌╌╌╌╌ 12    then  ━╌"), "{wide}");
        assert!(wide.contains("33") && wide.contains('✓'), "{wide}");
        let narrow = tally(62).lines();
        assert_eq!(narrow.iter().flatten().count(), 6, "{}", text(&narrow));
        assert!(narrow.iter().flatten().all(|line| line_width(line) <= 62));
        assert_eq!(totals(&vote), "37 votes, talk, 37 votes");
    }

    #[test]
    fn a_bar_is_full_only_when_all_chose_the_same_and_empty_only_when_nobody_did() {
        let (theme, options) = (Theme::default(), options());
        let mut vote = Vote::default();
        vote.keep(Round::First, Some(Counts::new(vec![999, 1, 0])));
        let lines = Tally { theme: &theme, options: &options, vote: Some(&vote), right: None, width: 80 }.lines();
        let full = |line: usize| text(&lines).lines().nth(line).unwrap().matches('━').count();
        assert_eq!([full(0), full(1), full(2)], [BAR - 1, 1, 0]);
    }

    #[test]
    fn typed_counts_are_covered() {
        let theme = Theme::default();
        assert_eq!(covered(&theme, "1=12 2=3,3"), "1=•• 2=••,3");
        assert_eq!(covered(&theme, "1=100 2= 3=4"), "1=•• 2= 3=••", "nor how large a count is");
    }
}
