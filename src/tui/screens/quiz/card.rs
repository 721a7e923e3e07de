//! The card of a question, as lines: what is asked, what was chosen, and once it is told the reason under what was chosen and under
//! what is right. Options keep their places.

use ratatui::style::Style;

use super::Quiz;
use crate::lesson::markup;
use crate::lesson::question::QuestionKind;
use crate::quiz::turn::Done;
use crate::quiz::{Card, Mark, Phase, Reply, Turn, staged};
use crate::review::{Confidence, Grade};
use crate::tui::theme::Theme;
use crate::tui::widgets::markdown;
use crate::tui::widgets::text::{Line, piece, width, wrap_pieces};

/// A card as lines.
#[derive(Debug, Default)]
pub(super) struct Made {
    /// From the top.
    pub lines: Vec<Line>,
    /// The lines that each row of options, things or points takes.
    pub rows: Vec<std::ops::Range<usize>>,
    /// Words that do an action when they are clicked: the line, the column, how wide they are, and the action.
    pub clicks: Vec<(usize, usize, usize, &'static str)>,
    /// The line where something is typed.
    pub typed: Option<usize>,
    /// The last line that has to be in sight, if not everything is.
    pub news: Option<usize>,
}

pub(super) struct Page<'q> {
    pub(super) theme: &'q Theme,
    width: usize,
    pub(super) turn: &'q Turn,
    made: Made,
}

/// The card at hand for a place of this width.
pub(super) fn make(quiz: &Quiz, turn: &Turn, theme: &Theme, width: usize) -> Made {
    let mut page = Page { theme, width, turn, made: Made::default() };
    if turn.phase == Phase::Told && turn.is_sure_and_wrong() {
        page.say(theme.stale, "You were sure. What it rests on is worth a second look.");
        page.gap();
    }
    page.earlier();
    page.asked();
    page.gap();
    match turn.phase {
        Phase::Asking | Phase::Sure => page.choosing(),
        Phase::Points => page.points(),
        Phase::Watching | Phase::Told => page.told(),
    }
    match turn.phase {
        Phase::Sure => page.how_sure(),
        // What was done and what is asked last matter more than the report.
        Phase::Watching if turn.card.remedies.is_some() => page.made.news = Some(page.made.lines.len()),
        Phase::Told => page.outcome(quiz),
        _ => {}
    }
    page.made
}

impl Page<'_> {
    pub(super) fn gap(&mut self) {
        if self.made.lines.last().is_some_and(|line| !line.is_empty()) {
            self.made.lines.push(Line::new());
        }
    }

    pub(super) fn push(&mut self, line: &Line, indent: usize) {
        self.made.lines.extend(wrap_pieces(line, self.width, indent));
    }

    pub(super) fn say(&mut self, style: Style, text: &str) {
        self.push(&vec![piece(text, style)], 0);
    }

    pub(super) fn markdown(&mut self, text: &str) {
        self.made.lines.extend(markdown::lines(self.theme, &plain(text), self.width));
    }

    /// A text below a row, indented to its words.
    fn below(&mut self, text: &str) {
        let lines = markdown::lines(self.theme, &plain(text), self.width.saturating_sub(INDENT));
        for mut line in lines {
            line.insert(0, piece(" ".repeat(INDENT), self.theme.text));
            self.made.lines.push(line);
        }
    }

    /// What was asked before of the same run: what was chosen while there is more to answer, and in whole once it is told.
    fn earlier(&mut self) {
        let turn = self.turn;
        if turn.phase == Phase::Told {
            for done in &turn.earlier {
                self.earlier_told(done);
            }
        } else if let Some(first) = turn.earlier.first() {
            self.markdown(&first.card.question.text);
            self.gap();
            for done in &turn.earlier {
                self.earlier_chosen(done);
            }
            self.gap();
        }
        self.made.rows.clear();
    }

    fn earlier_told(&mut self, done: &Done) {
        self.markdown(&done.card.question.text);
        self.gap();
        for (row, index) in done.card.shown.iter().enumerate() {
            let mark = done.judged.1.marks.get(*index).copied().unwrap_or(Mark::Left);
            if mark != Mark::Left {
                self.told_row(&done.card, (row, *index), mark, false);
            }
        }
        self.gap();
    }

    fn earlier_chosen(&mut self, done: &Done) {
        let sign = (format!("{} ", self.theme.glyphs.pointer), self.theme.key);
        for (row, index) in done.card.shown.iter().enumerate().filter(|(_, index)| done.judged.0 == Reply::One(**index)) {
            self.row(row, sign.clone(), done.card.part(*index), self.theme.dim);
        }
    }

    fn asked(&mut self) {
        let text = self.turn.card.question.text.clone();
        self.markdown(&text);
    }

    /// What there is to choose, mark, order or type; after the answer what was.
    fn choosing(&mut self) {
        let open = self.turn.phase == Phase::Asking;
        match &self.turn.card.question.kind {
            QuestionKind::Number(number) => self.typing(number.unit.as_deref(), open),
            QuestionKind::Recall { .. } if open => {
                self.say(self.theme.dim, "Say it to yourself, or write it down. Enter shows what belongs to it.");
            }
            QuestionKind::Recall { .. } => {}
            QuestionKind::Goal(_) => self.goal(&[]),
            _ if self.turn.draft.is_by_hand(&self.turn.card) => self.cure(open),
            _ => {
                self.rows();
                // A list that was asked for is what is new.
                self.made.news = self.turn.draft.listed.then_some(self.made.lines.len());
            }
        }
    }

    fn typing(&mut self, unit: Option<&str>, open: bool) {
        let theme = self.theme;
        if open {
            self.made.typed = Some(self.made.lines.len());
            self.made.lines.push(vec![piece(" ", theme.text)]);
        } else {
            self.push(&vec![piece(format!("{} ", theme.glyphs.pointer), theme.key), piece(self.turn.draft.typed.clone(), theme.strong)], 0);
        }
        if let Some(unit) = unit {
            self.say(theme.dim, &format!("unit: {unit}"));
        }
    }

    /// The rows while they are chosen from.
    fn rows(&mut self) {
        let turn = self.turn;
        for (row, index) in turn.draft.rows(&turn.card).to_vec().into_iter().enumerate() {
            let pointed = turn.draft.cursor == Some(row);
            let marked = turn.draft.marked.contains(&index);
            let theme = self.theme;
            let style = match turn.phase {
                Phase::Asking | Phase::Points if pointed => theme.strong.patch(theme.selected),
                Phase::Asking | Phase::Points => theme.text,
                _ if pointed || marked => theme.strong,
                _ => theme.dim,
            };
            self.row(row, self.sign(index, pointed), turn.card.part(index), style);
        }
    }

    /// What stands before a row: whether it is marked, chosen or picked up.
    fn sign(&self, index: usize, pointed: bool) -> (String, Style) {
        let theme = self.theme;
        let several = matches!(self.turn.card.question.kind, QuestionKind::Several(_)) || self.turn.phase == Phase::Points;
        match several {
            true if self.turn.draft.marked.contains(&index) => (format!("[{}] ", theme.glyphs.ok), theme.key),
            true => ("[ ] ".to_string(), theme.dim),
            false if pointed => (format!("{} ", theme.glyphs.pointer), theme.key),
            false => ("  ".to_string(), theme.dim),
        }
    }

    fn row(&mut self, row: usize, (sign, sign_style): (String, Style), text: &str, style: Style) {
        let theme = self.theme;
        let first = self.made.lines.len();
        let line = vec![piece(format!("{} ", row + 1), theme.key), piece(sign, sign_style), piece(markdown::unmarked(&plain(text)), style)];
        self.push(&line, INDENT);
        self.made.rows.push(first..self.made.lines.len());
    }

    /// The points of a good answer, to be marked.
    fn points(&mut self) {
        if let QuestionKind::Recall { answer, .. } = &self.turn.card.question.kind {
            self.markdown(answer);
            self.gap();
        }
        self.say(self.theme.strong, "Which of these did you name?");
        self.rows();
        self.made.news = Some(self.made.lines.len());
    }

    /// What is right, with the reason under what was chosen, what is right, and what the cursor is at.
    fn told(&mut self) {
        let turn = self.turn;
        let open = turn.phase == Phase::Told;
        self.tried(open);
        let marks = turn.judged.as_ref().map_or(&[][..], |(_, judged)| &judged.marks);
        for (row, index) in turn.draft.rows(&turn.card).to_vec().into_iter().enumerate() {
            let mark = marks.get(index).copied().unwrap_or(Mark::Left);
            let pointed = turn.draft.cursor == Some(row);
            if !open {
                let style = if pointed { self.theme.strong } else { self.theme.dim };
                self.row(row, self.sign(index, pointed), turn.card.part(index), style);
                continue;
            }
            self.told_row(&turn.card, (row, index), mark, pointed);
        }
        if open {
            self.whole();
        }
    }

    fn told_row(&mut self, card: &Card, (row, index): (usize, usize), mark: Mark, pointed: bool) {
        let theme = self.theme;
        let is_point = matches!(card.question.kind, QuestionKind::Recall { .. });
        let (sign, style) = match mark {
            // Nothing was chosen here: a point of a good answer that one did not name is no tick.
            Mark::Missed if is_point => (theme.glyphs.dot, theme.stale),
            Mark::Right | Mark::Missed => (theme.glyphs.ok, theme.good),
            Mark::Wrong => (theme.glyphs.cross, theme.bad),
            Mark::Left => (" ", theme.dim),
        };
        let text_style = if mark == Mark::Left { if pointed { theme.text } else { theme.dim } } else { style };
        self.row(row, (format!("{sign} "), style), card.part(index), text_style);
        if mark == Mark::Missed {
            self.below(if is_point { "not named" } else { "this is right" });
        }
        if mark != Mark::Left || pointed {
            self.below(card.why(index));
        }
    }

    /// What is said of the whole answer: a number, an order, what a good answer is.
    fn whole(&mut self) {
        let (theme, turn) = (self.theme, self.turn);
        let Some((_, judged)) = &turn.judged else { return };
        match &turn.card.question.kind {
            QuestionKind::Goal(_) => self.reached(judged),
            QuestionKind::Number(number) => {
                let unit = number.unit.as_deref().map_or_else(String::new, |unit| format!(" {unit}"));
                if !judged.right {
                    self.say(theme.bad, &format!("{} {}{unit}", theme.glyphs.cross, judged.said));
                    judged.why.split_last().map_or(&[][..], |(_, wrong)| wrong).iter().for_each(|why| self.below(why));
                }
                self.say(theme.good, &format!("{} {}{unit}", theme.glyphs.ok, number.answer));
                judged.why.last().into_iter().for_each(|why| self.below(why));
            }
            QuestionKind::Order(items) if !judged.right => {
                self.gap();
                self.say(theme.dim, &format!("{} has to move; the others follow each other as they should.", theme.glyphs.cross));
                self.say(theme.good, &format!("{} In this order:", theme.glyphs.ok));
                for (place, item) in items.iter().enumerate() {
                    self.push(&vec![piece(format!("{} ", place + 1), theme.dim), piece(plain(&item.text), theme.text)], 2);
                }
            }
            QuestionKind::Recall { follow_up: Some(next), .. } => {
                self.gap();
                self.push(&vec![piece("And then: ", theme.strong), piece(markdown::unmarked(&plain(&next.asks)), theme.text)], 0);
                if turn.followed {
                    self.below(&next.answer);
                } else {
                    self.say(theme.dim, "Say it to yourself; Enter shows what belongs to it.");
                }
                self.made.news = Some(self.made.lines.len());
            }
            _ => {}
        }
    }

    fn how_sure(&mut self) {
        self.gap();
        let theme = self.theme;
        let mut line = vec![piece("How sure?  ", theme.strong)];
        for confidence in Confidence::ALL {
            line.push(piece(format!("{} ", key_of(confidence)), theme.key));
            line.push(piece(format!("{}  ", confidence.word()), theme.text));
        }
        let from = self.made.lines.len();
        self.push(&line, 0);
        let all = Confidence::ALL.map(|confidence| (format!("{} {}", key_of(confidence), confidence.word()), said(confidence)));
        self.clicks(from, &all);
        self.say(theme.dim, "Enter passes over it.");
        self.made.news = Some(self.made.lines.len());
    }

    /// How sure the learner was, the grade, and when it comes back.
    fn outcome(&mut self, quiz: &Quiz) {
        self.gap();
        let (theme, turn) = (self.theme, self.turn);
        if let Some(confidence) = turn.confidence {
            let mut line = vec![piece("How sure?  ", theme.dim)];
            for one in Confidence::ALL {
                let style = if one == confidence { theme.strong.patch(theme.selected) } else { theme.dim };
                line.extend([piece(one.word(), style), piece("  ", theme.dim)]);
            }
            self.push(&line, 0);
        }
        if turn.is_sure_and_wrong() && quiz.session.comes_back() {
            self.say(theme.stale, "Sure and wrong: it comes back in this session.");
        }
        self.grades();
        if staged::can_be_seen(&turn.card) {
            let from = self.made.lines.len();
            self.push(&vec![piece("v ", theme.key), piece("see it in the lab", theme.text)], 0);
            self.clicks(from, &[("v see it in the lab".to_string(), "quiz-see")]);
        }
    }

    fn grades(&mut self) {
        let (theme, given) = (self.theme, self.turn.grade());
        let mut line = vec![piece("Graded  ", theme.dim)];
        for grade in Grade::ALL {
            let word = grade.word();
            let (key, rest) = word.split_at(1);
            if given == Some(grade) {
                line.push(piece(word, theme.strong.patch(theme.selected)));
            } else {
                line.extend([piece(key, theme.key), piece(rest, theme.dim)]);
            }
            line.push(piece("  ", theme.dim));
        }
        let from = self.made.lines.len();
        self.push(&line, 0);
        let all = Grade::ALL.map(|grade| (format!(" {} ", grade.word()), graded(grade)));
        self.clicks(from, &all);
    }

    /// In the lines from `from` on, a click on any of these words does this action.
    fn clicks(&mut self, from: usize, all: &[(String, &'static str)]) {
        for (line, pieces) in self.made.lines.iter().enumerate().skip(from) {
            let text = format!("{} ", pieces.iter().map(|piece| piece.text.as_str()).collect::<String>());
            let found = all.iter().filter_map(|(words, act)| Some((line, width(&text[..text.find(words)?]), width(words), *act)));
            self.made.clicks.extend(found);
        }
    }
}

/// The action that says this confidence.
fn said(confidence: Confidence) -> &'static str {
    match confidence {
        Confidence::Guess => "quiz-guess",
        Confidence::Think => "quiz-think",
        Confidence::Sure => "quiz-sure",
    }
}

/// The action that gives this grade.
fn graded(grade: Grade) -> &'static str {
    match grade {
        Grade::Again => "quiz-again",
        Grade::Hard => "quiz-hard",
        Grade::Good => "quiz-good",
        Grade::Easy => "quiz-easy",
    }
}

/// How far texts below a row are indented.
const INDENT: usize = 4;

/// The key of a confidence.
fn key_of(confidence: Confidence) -> char {
    match confidence {
        Confidence::Guess => 'g',
        Confidence::Think => 't',
        Confidence::Sure => 's',
    }
}

/// A text of a lesson without the slots that only the lab can fill in.
pub(super) fn plain(text: &str) -> String {
    markup::filled(text, |slot| format!("`{}`", slot.trim_start_matches("key ").trim_start_matches("fact ")))
}

/// The first line of what a card asks, without marks.
pub(super) fn first_line(card: &str) -> String {
    markdown::unmarked(&plain(card)).split_whitespace().collect::<Vec<_>>().join(" ")
}

/// The card's lesson, by its title.
pub(super) fn title(card: &Card) -> &str {
    &card.lesson.title
}
