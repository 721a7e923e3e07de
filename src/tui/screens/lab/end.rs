//! The end card: what was predicted and what happened, what was brought about, what to remember, and where to go from here.

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;

use super::card::Card;
use super::draw::put_lines;
use super::told::told;
use super::{Lab, learn};
use crate::lesson::walk::{Attained, Predicted, Summary};
use crate::quiz::{AFTER_LESSON, Wish};
use crate::tui::app::App;
use crate::tui::hits::{Click, Hits};
use crate::tui::keys::Key;
use crate::tui::screens::{Over, footer, with_footer};
use crate::tui::widgets::markdown::hanging;
use crate::tui::widgets::panel;
use crate::tui::widgets::pen::Pen;
use crate::tui::widgets::text::{Line, piece};

/// The widest that the card is, in cells.
const WIDE: u16 = 64;

/// Opens it; where nothing was asked of the learner, the answer.
pub fn open(app: &mut App) {
    let Some(lab) = app.lab() else { return };
    let Summary { predictions, goals, .. } = lab.walk.summary();
    app.over = Some(if predictions.is_empty() && goals.is_empty() { Over::Answer(0) } else { Over::End });
}

/// The next topic that has a lesson, in the order of the topics: its id and its title.
fn next_topic(app: &App) -> Option<(String, String)> {
    let mut after = app.catalogue.lessons().skip_while(|id| *id != app.open).skip(1);
    let id = after.next()?.to_string();
    let title = app.catalogue.topics.topic(&id)?.title.clone();
    Some((id, title))
}

/// Whether there is a next topic.
pub fn can_go_on(app: &App) -> Result<(), String> {
    next_topic(app).map(|_| ()).ok_or_else(|| "this is the last topic that has a lesson".into())
}

/// Asks some questions of the lesson.
pub fn quiz(app: &mut App, _key: Key) {
    let Some(id) = app.lab().map(|lab| lab.walk.lesson().id.clone()) else { return };
    app.over = None;
    app.start_quiz(Wish::after(&id));
}

/// Opens the next topic.
pub fn next(app: &mut App, _key: Key) {
    if let Some((id, _)) = next_topic(app) {
        app.over = None;
        app.open_lesson(&id);
    }
}

/// Leaves for the topics.
pub fn home(app: &mut App, key: Key) {
    app.over = None;
    learn::home(app, key);
}

/// Draws it in the middle of the screen.
pub fn draw(app: &App, area: Rect, buf: &mut Buffer, hits: &mut Hits) {
    let Some(lab) = app.lab() else { return };
    let theme = &app.theme;
    let [body, foot] = with_footer(area);
    let wide = WIDE.min(body.width);
    let lines = lines(app, lab, usize::from(wide.saturating_sub(4)), usize::from(body.height.saturating_sub(2)));
    let place = body.centered(wide.into(), (lines.len() as u16 + 2).min(body.height).into());
    Pen::new(buf, place).clear(place);
    buf.set_style(place, theme.base);
    let inner = panel(place, buf, theme, &format!("Done: {}", lab.walk.lesson().title), true);
    put_lines(&lines, Rect { x: inner.x + 1, width: inner.width.saturating_sub(2), ..inner }, buf);
    for (line, y) in lines.iter().zip(inner.top()..inner.bottom()) {
        if let Some((_, act)) = line.first().and_then(|key| CLICKS.iter().find(|(shown, _)| *shown == key.text.trim())) {
            hits.add(Rect { y, height: 1, ..inner }, Click::Act(act));
        }
    }
    footer::over(app, &["end-quiz", "end-next", "end-answer", "end-home", "end-back"], foot, buf, hits);
}

/// What a click on a line that begins with this key does.
const CLICKS: [(&str, &str); 3] = [("Enter", "end-quiz"), ("n", "end-next"), ("r", "end-answer")];

/// How much the card says of the predictions, from all to the count alone.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Detail {
    Reasons,
    All,
    Wrong,
    Count,
}

/// The card as lines, with as much detail as fits.
fn lines(app: &App, lab: &Lab, width: usize, height: usize) -> Vec<Line> {
    let forms = [Detail::Reasons, Detail::All, Detail::Wrong];
    let fitting = forms.into_iter().map(|detail| written(app, lab, width, detail)).find(|lines| lines.len() <= height);
    fitting.unwrap_or_else(|| written(app, lab, width, Detail::Count))
}

fn written(app: &App, lab: &Lab, width: usize, detail: Detail) -> Vec<Line> {
    let theme = &app.theme;
    let summary = lab.walk.summary();
    let mut card = Card::new(theme, width);
    if !summary.predictions.is_empty() {
        let (right, made) = summary.right();
        card.push(&vec![piece("You predicted  ", theme.strong), piece(format!("{right} of {made}"), theme.text)], 0);
        let told = |p: &&Predicted| match detail {
            Detail::Reasons | Detail::All => true,
            Detail::Wrong => p.chosen.is_some() && !p.right,
            Detail::Count => false,
        };
        summary.predictions.iter().filter(told).for_each(|predicted| card.predicted(lab, predicted, detail == Detail::Reasons));
    }
    if !summary.goals.is_empty() {
        card.say(theme.strong, "You brought about");
        summary.goals.iter().for_each(|goal| card.attained(lab, goal));
    }
    if let Some(remember) = &lab.walk.lesson().remember {
        card.gap();
        card.markdown(&format!("**Remember:** {}", told(lab, remember)));
    }
    card.gap();
    card.push(&vec![piece("Enter  ", theme.key), piece(format!("{AFTER_LESSON} questions, about 2 minutes"), theme.text)], 7);
    if let Some((_, title)) = next_topic(app) {
        card.push(&vec![piece("n  ", theme.key), piece(format!("next: {title}"), theme.text)], 3);
    }
    card.push(
        &vec![piece("r  ", theme.key), piece("read the answer   ", theme.text), piece("Esc  ", theme.key), piece("home", theme.text)],
        0,
    );
    card.lines
}

impl Card<'_> {
    /// What was believed, and where it was wrong why.
    fn predicted(&mut self, lab: &Lab, predicted: &Predicted, reasons: bool) {
        let theme = self.theme;
        let step = predicted.step + 1;
        let Some(said) = &predicted.said else {
            let why = if predicted.given { "you had it told" } else { "not answered" };
            return self.sign(theme.glyphs.dot, theme.dim, &format!("step {step}: {why}"), theme.dim);
        };
        let (sign, style) = if predicted.right { (theme.glyphs.ok, theme.good) } else { (theme.glyphs.cross, theme.bad) };
        self.lines.extend(hanging(theme, (sign, style), &format!("\"{}\"", told(lab, said)), self.width));
        let why = predicted.why.as_ref().filter(|_| reasons && !predicted.right);
        if let Some(why) = why {
            self.hanging("", &told(lab, why));
        }
    }

    /// A goal, and with how many pokes it was reached.
    fn attained(&mut self, lab: &Lab, goal: &Attained) {
        let theme = self.theme;
        let say = told(lab, &goal.say);
        let (sign, style) = match goal.reached {
            Some(_) => (theme.glyphs.ok, theme.good),
            None if goal.attempts > 0 && !goal.shown => (theme.glyphs.dot, theme.stale),
            None => (theme.glyphs.dot, theme.dim),
        };
        let how = goal.how();
        self.lines.extend(hanging(theme, (sign, style), &format!("{say} ({how})"), self.width));
    }
}
