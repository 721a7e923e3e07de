//! The question card: what is asked, told, chosen and reached at this step.

use std::cell::{Cell, RefCell};
use std::sync::Arc;

use ratatui::style::Style;

use super::course::Standing;
use super::learn::Next;
use super::{Lab, told};
use crate::lesson::schema::{Alternative, Compare, MarkAt, Step, StepKind};
use crate::lesson::walk::{Goal, Prediction, Progress};
use crate::tui::theme::{Depth, Palette, Theme};
use crate::tui::widgets::markdown;
use crate::tui::widgets::text::{Line, line_width, piece, wrap_pieces};

/// A card with fewer lines leaves out what is said elsewhere too, where not everything fits.
const SHORT: usize = 12;

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
}

/// Everything that a card depends on.
#[derive(Clone, Debug, PartialEq)]
struct Shown {
    step: usize,
    size: (usize, usize),
    look: (Palette, Depth, bool),
    prediction: Option<Prediction>,
    option: Option<usize>,
    goal: Option<Goal>,
    now: Standing,
    pokes: usize,
    measured: bool,
    /// The number of the event, where a text names facts of the moment.
    event: Option<u64>,
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
            goal: walk.goal().cloned(),
            now: lab.goal.clone(),
            pokes: walk.pokes(),
            measured: walk.table().is_some(),
            event: walk.step().texts().into_iter().any(told::is_live).then(|| lab.run().events()),
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
    let is_goal = matches!(lab.walk.step().kind, StepKind::Try(_));
    let mut lines = squeezed(written(lab, theme, (width, height), false), height);
    let short = is_goal && height < SHORT && lines.len() > height;
    if short {
        lines = squeezed(written(lab, theme, (width, height), true), height);
    }
    let card = Card { theme, width, lines };
    let lines = if asked { card.lines } else { card.under_question(&lab.walk.lesson().question, height) };
    Made { lines, short }
}

/// Without empty lines at the end, and without those between if that makes everything fit.
fn squeezed(mut lines: Vec<Line>, height: usize) -> Vec<Line> {
    let is_empty = |line: &Line| line.iter().all(|piece| piece.text.trim().is_empty());
    lines.truncate(lines.iter().rposition(|line| !is_empty(line)).map_or(0, |last| last + 1));
    let full = lines.iter().filter(|line| !is_empty(line)).count();
    while lines.len() > height && full <= height {
        let Some(last) = lines.iter().rposition(is_empty) else { break };
        lines.remove(last);
    }
    lines
}

/// What the step says, and what became of it.
fn written(lab: &Lab, theme: &Theme, (width, height): (usize, usize), short: bool) -> Vec<Line> {
    let mut card = Card { theme, width, lines: Vec::new() };
    let step = lab.walk.step();
    match &step.kind {
        StepKind::Predict { options, .. } => card.outcome(lab, options),
        StepKind::Try(_) if short => card.why(lab),
        _ => {}
    }
    card.markdown(&told::told(lab, &step.text));
    match &step.kind {
        StepKind::Say { .. } => {}
        StepKind::Predict { options, .. } => card.options(lab, options),
        StepKind::Try(goal) => card.goal(lab, goal, short),
        StepKind::Compare(compare) => card.compare(lab, compare, height),
        StepKind::Measure(measure) => card.measure(lab, measure),
    }
    card.mark(lab, step);
    card.lines
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
        let mut card = Card { theme, width, lines: Vec::new() };
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
            let now = &lab.goal.now;
            let (pokes, best) = (lab.walk.pokes(), lab.walk.best_known().unwrap_or_default());
            let state = vec![piece("now ", theme.dim), piece(format!("{now}   pokes {pokes}, best {best}"), theme.text)];
            let text = format!("{}   ", goal.goal.whole.text);
            let whole = [vec![piece("goal ", theme.dim), piece(text, theme.strong)], state.clone()].concat();
            if line_width(&whole) <= room { whole } else { state }
        }
        _ => vec![prompt],
    }
}

fn prompt(lab: &Lab) -> &'static str {
    match lab.next() {
        Next::Watch => "Enter: watch what happens",
        Next::Measure => "Enter: run all of them",
        Next::Skip => "Space: pause   Enter: skip ahead",
        Next::Choose(_) => "Enter: choose this answer",
        Next::Answer => "Press the digit of your answer",
        Next::Reach if lab.walk.pokes() == 0 => "Your turn: the keys are below",
        Next::Reach => "Space: let time pass",
        Next::Step => "Enter: next step",
        Next::Finish => "Enter: read the answer",
    }
}

/// What kind of step it is, for the title of the card.
pub fn heading(kind: &StepKind) -> &'static str {
    match kind {
        StepKind::Say { .. } => "Watch",
        StepKind::Predict { .. } => "What will happen?",
        StepKind::Try(_) => "Try it",
        StepKind::Compare(_) => "Compare",
        StepKind::Measure(_) => "Measure",
    }
}

pub(super) struct Card<'t> {
    pub(super) theme: &'t Theme,
    pub(super) width: usize,
    pub(super) lines: Vec<Line>,
}

impl Card<'_> {
    /// The lines below the question of the lesson, where both fit; what the step itself says comes first.
    fn under_question(self, question: &str, height: usize) -> Vec<Line> {
        let mut top = Card { lines: Vec::new(), ..self };
        top.say(self.theme.dim, question);
        top.gap();
        if height >= SHORT && top.lines.len() + self.lines.len() <= height {
            top.lines.extend(self.lines);
            return top.lines;
        }
        self.lines
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
    fn sign(&mut self, sign: &str, style: Style, text: &str, text_style: Style) {
        self.push(&vec![piece(format!("{sign} "), style), piece(text, text_style)], 2);
    }

    fn hanging(&mut self, sign: &str, text: &str) {
        self.lines.extend(markdown::hanging(self.theme, (sign, self.theme.key), text, self.width));
    }

    /// Once the run has told: whether the prediction was right, and why.
    fn outcome(&mut self, lab: &Lab, options: &[Alternative]) {
        let theme = self.theme;
        let Some(prediction) = lab.walk.prediction().filter(|p| p.shown) else { return };
        let chosen = &options[prediction.chosen];
        if chosen.right {
            self.sign(theme.glyphs.ok, theme.good, &format!("Right: {}", told::told(lab, &chosen.text)), theme.good);
        } else {
            self.sign(theme.glyphs.cross, theme.bad, &format!("You said: {}", told::told(lab, &chosen.text)), theme.bad);
        }
        self.hanging("", &told::told(lab, &chosen.why));
        if let Some(right) = options.iter().find(|o| o.right).filter(|_| !chosen.right) {
            self.sign(theme.glyphs.ok, theme.good, &format!("What happened: {}", told::told(lab, &right.text)), theme.good);
            self.hanging("", &told::told(lab, &right.why));
        }
        self.gap();
    }

    fn options(&mut self, lab: &Lab, options: &[Alternative]) {
        let theme = self.theme;
        let prediction = lab.walk.prediction();
        let shown = prediction.is_some_and(|p| p.shown);
        self.gap();
        for (i, option) in options.iter().enumerate() {
            let chosen = prediction.is_some_and(|p| p.chosen == i);
            let pointed = lab.option == Some(i);
            let style = match prediction {
                None if pointed => theme.strong.patch(theme.selected),
                None => theme.text,
                Some(_) if shown && option.right => theme.good,
                Some(_) if shown && chosen => theme.bad,
                Some(_) if chosen || pointed => theme.strong,
                Some(_) => theme.dim,
            };
            let sign = if chosen { format!("{} ", theme.glyphs.pointer) } else { String::new() };
            self.sign(&(i + 1).to_string(), theme.key, &format!("{sign}{}", told::told(lab, &option.text)), style);
            if shown && pointed && !chosen && !option.right {
                self.hanging("", &told::told(lab, &option.why));
            }
        }
        if shown {
            self.gap();
            self.say(theme.dim, "A digit goes to the moment that shows its answer.");
            self.spread(lab);
        }
    }

    /// What to look at; once both were seen why they differ, and only that where not everything fits.
    fn compare(&mut self, lab: &Lab, compare: &Compare, height: usize) {
        if let Some(look) = &compare.look {
            self.gap();
            self.markdown(&told::told(lab, look));
        }
        if lab.walk.progress()[lab.walk.index()] == Progress::Done {
            let told = std::mem::take(&mut self.lines);
            self.say(self.theme.strong, "Why they differ");
            self.markdown(&told::told(lab, &compare.because));
            let why = std::mem::take(&mut self.lines);
            if told.len() + 1 + why.len() <= height {
                self.lines = told;
                self.gap();
            }
            self.lines.extend(why);
        }
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
