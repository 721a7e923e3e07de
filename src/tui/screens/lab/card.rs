//! The question card: what is asked, told, chosen and reached at this step.

use std::cell::{Cell, RefCell};
use std::ops::Range;
use std::sync::Arc;

use ratatui::style::Style;

use super::course::Standing;
use super::layout::Panel;
use super::learn::Next;
use super::{Lab, Purpose, terms, told};
use crate::lesson::measure::{Measure, Table};
use crate::lesson::schema::{Compare, MarkAt, Step, StepKind, Try};
use crate::lesson::walk::{Goal, Prediction, Progress};
use crate::sim::time::Time;
use crate::tui::theme::{Depth, Palette, Theme};
use crate::tui::widgets::text::{Line, Piece, line_width, piece, width as text_width, wrap_pieces};
use crate::tui::widgets::{Target, markdown};

/// A card with fewer lines leaves out what is said elsewhere too, where not everything fits.
const SHORT: usize = 12;
/// What the last line of a short card says besides: `now not yet   pokes 12, fewest known 3`, and the keys.
const STATE: usize = 46;

/// A card that was made, for as long as nothing on it changes: Markdown is not read again at every frame.
#[derive(Debug, Default)]
pub struct Kept {
    card: RefCell<Option<(Shown, Arc<Made>)>>,
    /// The lines that a comparison takes, by its step and width.
    compared: Cell<Option<(usize, usize, usize)>>,
}

/// A card as lines.
#[derive(Debug, Default)]
pub struct Made {
    /// From the top.
    pub lines: Vec<Line>,
    /// Whether not all fits: then the goal stands in the last line, and what follows from it comes first.
    pub short: bool,
    /// Where a word that is explained stands, and its sentence.
    pub explained: Option<Range<usize>>,
    /// The answers to choose from, each with its lines. Empty lines do not count.
    answers: Vec<(usize, Range<usize>)>,
}

impl Made {
    /// The answer that stands in a line, if one does.
    pub fn answer_at(&self, line: usize) -> Option<usize> {
        let before = full(self.lines.get(..line)?);
        let here = self.lines.get(line).is_some_and(|line| !is_empty(line));
        self.answers.iter().find(|(_, lines)| here && lines.contains(&before)).map(|(answer, _)| *answer)
    }
}

/// How much of a goal a card says.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Form {
    /// Everything.
    Whole,
    /// Everything that is told, and the parts of the goal without numbers.
    Brief,
    /// Everything that is told, and of the parts of the goal as many as there is room for; how far it is stands in the last line.
    Told,
    /// Nothing that introduces the task.
    Task,
    /// What is new, then the task and those parts of the goal that do not hold; how far it is stands in the last line.
    Open,
    /// What is new, then the task, and of the parts of the goal as many as there is room for; how far it is stands in the last line.
    Short,
}

/// Everything that a card depends on.
#[derive(Clone, Debug, PartialEq)]
struct Shown {
    step: usize,
    size: (usize, usize),
    look: (Palette, Depth, bool),
    prediction: Option<Prediction>,
    option: Option<usize>,
    term: Option<usize>,
    goal: Option<Goal>,
    now: Standing,
    answered: Option<usize>,
    /// How many commands of the solution are behind the position, where it is shown.
    solution: Option<usize>,
    selected: Option<Target>,
    off: bool,
    pokes: usize,
    /// The moment, where a text names facts of it.
    moment: Option<(u64, Time)>,
    mark: Option<usize>,
    done: bool,
    asked: bool,
}

impl Shown {
    fn of(lab: &Lab, theme: &Theme, size: (usize, usize), asked: bool) -> Shown {
        let walk = &lab.walk;
        Shown {
            step: walk.index(),
            size,
            look: (theme.palette, theme.depth, theme.glyphs.ascii),
            prediction: walk.prediction(),
            option: lab.option,
            term: lab.term,
            goal: walk.goal().cloned(),
            now: lab.goal.clone(),
            answered: lab.answered,
            solution: walk.solution().map(|(_, done)| done),
            selected: lab.selected,
            off: walk.is_off_the_story(),
            pokes: walk.pokes(),
            moment: walk.step().texts().into_iter().any(told::is_live).then(|| (lab.run().events(), lab.run().at())),
            mark: lab.mark,
            done: walk.progress()[walk.index()] == Progress::Done,
            asked,
        }
    }
}

/// The card as lines for a place of this `size`. `asked`: the question of the lesson stands elsewhere on the screen.
pub fn made(lab: &Lab, theme: &Theme, size: (usize, usize), asked: bool) -> Arc<Made> {
    let shown = Shown::of(lab, theme, size, asked);
    let mut kept = lab.card.card.borrow_mut();
    match &*kept {
        Some((before, made)) if *before == shown => Arc::clone(made),
        _ => Arc::clone(&kept.insert((shown, Arc::new(make(lab, theme, size, asked)))).1),
    }
}

fn make(lab: &Lab, theme: &Theme, (width, height): (usize, usize), asked: bool) -> Made {
    let mut forms = forms(lab, height).iter().map(|form| (squeezed(written(lab, theme, (width, height), *form), height), *form));
    let mut last = None;
    let (written, form) = loop {
        match forms.next() {
            Some((written, form)) if written.lines.len() > height => last = Some((written, form)),
            Some(fitting) => break fitting,
            None => break last.unwrap_or((Written::default(), Form::Whole)),
        }
    };
    let card = Card { theme, width, lines: written.lines, answers: written.answers };
    let card = if asked { card } else { card.under_question(&lab.walk.lesson().question, height) };
    let Card { mut lines, mut answers, .. } = card;
    let explained = lab.term.and_then(|at| terms::explain(lab, theme, width, at, &mut lines));
    if let Some(new) = &explained {
        let (before, more) = (full(&lines[..new.start]), new.len() - 1);
        for (_, lines) in &mut answers {
            let moved = |at: usize| if at > before { at + more } else { at };
            *lines = moved(lines.start)..moved(lines.end);
        }
    }
    Made { lines, answers, explained, short: matches!(form, Form::Told | Form::Open | Form::Short) }
}

/// The forms to try, the fullest first. Before the first poke what introduces a task comes before its parts; afterwards the parts, which
/// change. What is new of a goal that was reached comes before the task where not both fit, and what was measured, and why, before what
/// was to be measured.
fn forms(lab: &Lab, height: usize) -> &'static [Form] {
    match &lab.walk.step().kind {
        StepKind::Try(_) => {}
        StepKind::Say { lists: true, .. } => return &[Form::Whole, Form::Brief],
        StepKind::Measure(_) if lab.walk.table().is_some() => return &[Form::Whole, Form::Task, Form::Short],
        _ => return &[Form::Whole],
    }
    let tells = lab.goal.holds || lab.walk.goal().is_some_and(|goal| goal.reached.is_some());
    match (height < SHORT, tells) {
        (true, true) => &[Form::Whole, Form::Open, Form::Short],
        (true, false) if lab.walk.pokes() == 0 => &[Form::Whole, Form::Brief, Form::Told, Form::Task, Form::Open, Form::Short],
        (true, false) => &[Form::Whole, Form::Brief, Form::Task, Form::Open, Form::Short],
        (false, _) => &[Form::Whole, Form::Brief, Form::Task],
    }
}

fn is_empty(line: &Line) -> bool {
    line.iter().all(|piece| piece.text.trim().is_empty())
}

/// How many lines are not empty.
pub(super) fn full(lines: &[Line]) -> usize {
    lines.iter().filter(|line| !is_empty(line)).count()
}

/// Without empty lines at either end, and without those between if that makes everything fit.
fn squeezed(mut written: Written, height: usize) -> Written {
    let lines = &mut written.lines;
    lines.truncate(lines.iter().rposition(|line| !is_empty(line)).map_or(0, |last| last + 1));
    let first = lines.iter().position(|line| !is_empty(line)).unwrap_or(0);
    lines.drain(..first);
    let full = full(lines);
    while lines.len() > height && full <= height {
        let Some(last) = lines.iter().rposition(is_empty) else { break };
        lines.remove(last);
    }
    written
}

/// What the step says, and what became of it.
fn written(lab: &Lab, theme: &Theme, (width, height): (usize, usize), form: Form) -> Written {
    let mut card = Card::new(theme, width);
    let step = lab.walk.step();
    match &step.kind {
        StepKind::Try(goal) => card.goal(lab, goal, (form, height)),
        StepKind::Predict { options, .. } => {
            card.outcome(lab, options);
            card.markdown(&told::told(lab, &step.text));
            card.options(lab, options);
        }
        StepKind::Say { lists, .. } => {
            card.markdown(&told::told(lab, &step.text));
            if *lists {
                card.listed(lab, form);
            }
        }
        StepKind::Compare(compare) => card.compare(lab, compare, height),
        StepKind::Measure(measure) => {
            if form == Form::Whole {
                card.markdown(&told::told(lab, &step.text));
            }
            card.measure(lab, measure, form);
        }
    }
    card.mark(lab, step);
    Written { lines: card.lines, answers: card.answers }
}

/// How many lines the card of a comparison takes at most when it is `width` cells wide: what to look at, or why they differ.
pub fn compare_height(lab: &Lab, theme: &Theme, compare: &Compare, width: usize) -> usize {
    let step = lab.walk.index();
    match lab.card.compared.get() {
        Some((at, wide, height)) if (at, wide) == (step, width) => height,
        _ => {
            let height = most_lines(lab, theme, compare, width);
            lab.card.compared.set(Some((step, width, height)));
            height
        }
    }
}

fn most_lines(lab: &Lab, theme: &Theme, compare: &Compare, width: usize) -> usize {
    let long = |texts: &[&str]| {
        let mut card = Card::new(theme, width);
        for text in texts {
            card.markdown(&told::told(lab, text));
        }
        card.lines.len() + texts.len() - 1
    };
    let told = match &compare.look {
        Some(look) => long(&[&lab.walk.step().text, look]),
        None => long(&[&lab.walk.step().text]),
    };
    told.max(1 + long(&[&compare.because]))
}

/// The last line of the card: what to press now; on a `short` one the goal, which would not be seen above, or where it does not
/// fit into `room` cells how far it is.
pub fn last_line(lab: &Lab, theme: &Theme, short: bool, room: usize) -> Line {
    let prompt = piece(prompt(lab), theme.key);
    match (&lab.walk.step().kind, lab.next()) {
        (StepKind::Try(goal), Next::Reach | Next::Skip) if short => {
            let held = lab.goal.clauses.iter().filter(|holds| **holds).count();
            let now = match lab.goal.clauses.len() {
                0 | 1 => format!("now {}", lab.goal.now),
                all => format!("{held} of {all} parts hold"),
            };
            let (pokes, best) = (lab.walk.pokes(), lab.walk.best_known().unwrap_or_default());
            let state = vec![piece(format!("{now}   pokes {pokes}, fewest known {best}"), theme.text)];
            let whole = one_part(lab, theme, goal).map(|part| [vec![part], state.clone()].concat());
            whole.filter(|whole| line_width(whole) <= room).unwrap_or(state)
        }
        _ => vec![prompt],
    }
}

/// The sentence of a goal that has one part only, for the last line.
fn one_part(lab: &Lab, theme: &Theme, goal: &Try) -> Option<Piece> {
    let [clause] = &goal.goal.clauses[..] else { return None };
    Some(piece(format!("{}   ", told::told(lab, &clause.say)), theme.strong))
}

/// Whether the last line of a short card of this width says all of a goal.
pub(super) fn is_said_below(lab: &Lab, theme: &Theme, goal: &Try, width: usize) -> bool {
    one_part(lab, theme, goal).is_some_and(|part| text_width(&part.text) + STATE <= width)
}

fn prompt(lab: &Lab) -> &'static str {
    let next = lab.next();
    if lab.is_network() && lab.focus != Panel::Question {
        return match next {
            Next::Step => "N: next step",
            Next::AsIs => "u: take it back, or choose something else",
            Next::Reach => "Choose what happens next",
            _ => "Tab leads to this card",
        };
    }
    match next {
        Next::Reach if lab.reads_before_the_list() => "Enter: choose what happens next",
        Next::Watch => "Enter: watch what happens",
        Next::Measure => "Enter: run all of them",
        Next::Skip => "Space: pause   Enter: skip ahead",
        Next::Choose(_) if lab.lists() => "Enter: this one",
        Next::Choose(_) => "Enter: choose this answer",
        Next::Answer => "Press the digit of your answer",
        Next::AsIs => "u: take it back   Enter: go on as it is",
        Next::Command => "Enter: do this one",
        Next::Reach if lab.walk.pokes() == 0 => "Your turn: the keys are below",
        Next::Reach => "Space: let time pass",
        Next::Step if lab.lists() => "Press a digit, or do whatever you like",
        Next::Step => "Enter: next step",
        Next::Finish if lab.is_told() => "Enter: read what can be done",
        Next::Finish => "Enter: what you have found out",
        Next::HandIn => "Enter: hand it in",
        Next::Back => "Enter: back to where you were",
    }
}

/// What kind of step it is, for the title of the card, and the style of that title where it is not the usual one.
pub fn heading(lab: &Lab, theme: &Theme) -> (String, Option<Style>) {
    let word = match &lab.walk.step().kind {
        StepKind::Say { .. } if lab.purpose == Purpose::Bench => "Cure it",
        StepKind::Say { lists: true, .. } => "What to try first",
        StepKind::Say { .. } => "Watch",
        StepKind::Predict { .. } => "What will happen?",
        StepKind::Try(_) => "Try it",
        StepKind::Compare(_) => "Compare",
        StepKind::Measure(_) => "Measure",
    };
    let dash = theme.glyphs.lanes[0];
    if lab.answered.is_some() {
        (format!("{word} {dash} why this cannot do it"), Some(theme.stale))
    } else if lab.walk.is_showing() {
        (format!("{word} {dash} the solution"), Some(theme.key))
    } else {
        (word.to_string(), None)
    }
}

/// A measured table alone, in lines of at most `width` cells.
pub fn table(theme: &Theme, measure: &Measure, table: &Table, width: usize) -> Vec<Line> {
    let mut card = Card::new(theme, width);
    card.table(measure, table);
    card.lines
}

/// What was written on a card.
#[derive(Default)]
struct Written {
    lines: Vec<Line>,
    answers: Vec<(usize, Range<usize>)>,
}

pub(super) struct Card<'t> {
    pub(super) theme: &'t Theme,
    pub(super) width: usize,
    pub(super) lines: Vec<Line>,
    /// The answers to choose from, each with its lines; empty lines do not count.
    answers: Vec<(usize, Range<usize>)>,
}

impl<'t> Card<'t> {
    pub(super) fn new(theme: &'t Theme, width: usize) -> Card<'t> {
        Card { theme, width, lines: Vec::new(), answers: Vec::new() }
    }

    /// The same below the question of the lesson, where both fit; what the step itself says comes first.
    fn under_question(self, question: &str, height: usize) -> Card<'t> {
        let mut top = Card::new(self.theme, self.width);
        top.say(self.theme.dim, question);
        top.gap();
        if height < SHORT || top.lines.len() + self.lines.len() > height {
            return self;
        }
        let above = full(&top.lines);
        top.lines.extend(self.lines);
        top.answers = self.answers.into_iter().map(|(answer, lines)| (answer, lines.start + above..lines.end + above)).collect();
        top
    }

    /// What is written from line `from` on is an answer to choose.
    pub(super) fn is_answer(&mut self, answer: usize, from: usize) {
        self.answers.push((answer, full(&self.lines[..from])..full(&self.lines)));
    }

    pub(super) fn gap(&mut self) {
        self.lines.push(Line::new());
    }

    pub(super) fn push(&mut self, line: &Line, indent: usize) {
        self.lines.extend(wrap_pieces(line, self.width, indent));
    }

    pub(super) fn say(&mut self, style: Style, text: &str) {
        self.push(&vec![piece(text, style)], 0);
    }

    pub(super) fn markdown(&mut self, text: &str) {
        self.lines.extend(markdown::lines(self.theme, text, self.width));
    }

    /// A sign before a text, which hangs behind it.
    pub(super) fn sign(&mut self, sign: &str, style: Style, text: &str, text_style: Style) {
        self.push(&vec![piece(format!("{sign} "), style), piece(text, text_style)], 2);
    }

    pub(super) fn hanging(&mut self, sign: &str, text: &str) {
        self.lines.extend(markdown::hanging(self.theme, (sign, self.theme.key), text, self.width));
    }

    /// An option behind a sign, in its colour: `✓ Right: ...`.
    pub(super) fn answer(&mut self, (sign, style): (&str, Style), word: &str, option: &str) {
        let mut lines = markdown::hanging(self.theme, (sign, style), &format!("{word}: {option}"), self.width);
        for part in lines.iter_mut().flatten().filter(|part| part.style == self.theme.text) {
            part.style = style;
        }
        self.lines.extend(lines);
    }

    /// What the author has to say about the moment at which play stopped.
    fn mark(&mut self, lab: &Lab, step: &Step) {
        let Some(mark) = lab.mark.and_then(|i| step.marks.get(i)) else { return };
        self.gap();
        let words = match (&mark.text, &mark.when) {
            (Some(text), _) => text.clone(),
            (None, MarkAt::When(cond)) => cond.text.clone(),
            (None, MarkAt::After(_)) => return,
        };
        self.hanging(self.theme.glyphs.pointer, &told::told(lab, &words));
    }
}
