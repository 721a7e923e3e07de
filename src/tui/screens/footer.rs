//! The last line: at most seven keys with what they do. Above it, until the next key: what was done, or why the last key did nothing.

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;

use crate::tui::actions::{self, Action};
use crate::tui::app::{App, Notice};
use crate::tui::hits::{Click, Hits};
use crate::tui::screens::lab::Lab;
use crate::tui::widgets::pen::Pen;
use crate::tui::widgets::text::width;
use crate::tui::work::{self, Work};

/// The most hints shown at a time.
pub const MOST: usize = 7;

/// Draws the hints with these ids, as many as fit; the last one always has room.
pub fn draw(app: &App, ids: &[&str], area: Rect, buf: &mut Buffer, hits: &mut Hits) {
    let keys: Vec<Hint> = ids.iter().take(MOST).filter_map(|id| Hint::named(app, id, "")).collect();
    draw_keys(app, &keys, area, buf, hits);
}

/// Draws these hints, as many as fit; the last one always has room.
pub fn draw_keys(app: &App, keys: &[Hint], area: Rect, buf: &mut Buffer, hits: &mut Hits) {
    notice(app, Rect { y: area.y.saturating_sub(1), height: area.y.min(1), ..area }, buf);
    if let Some(work) = app.long_work() {
        return work_line(app, work, area, buf, hits);
    }
    // While the mouse is the terminal's, how to take it back comes first.
    let back = app.let_go.then(|| Hint::named(app, "mouse", "take the mouse back")).flatten();
    let all: Vec<&Hint> = back.iter().chain(keys).collect();
    let mut x = area.x + 1;
    for hint in fitting(all, area.width.saturating_sub(2).into()) {
        let wide = hint.width() as u16;
        hint.draw(app, Rect { x, width: wide, ..area }, buf);
        hint.can_be_clicked(Rect { x, width: wide, ..area }, hits);
        x += wide + GAP as u16;
    }
}

/// The same over something else that was drawn there.
pub fn over(app: &App, ids: &[&str], area: Rect, buf: &mut Buffer, hits: &mut Hits) {
    Pen::new(buf, area).clear(area);
    buf.set_style(area, app.theme.base);
    draw(app, ids, area, buf, hits);
}

/// Draws what was done, or why the last key did nothing, in this line; nothing where there is nothing to say.
pub fn notice(app: &App, area: Rect, buf: &mut Buffer) {
    if let Some(notice) = &app.notice {
        notice_line(app, notice, area, buf);
    }
}

const GAP: usize = 3;

/// A key and what it does.
pub struct Hint {
    action: &'static Action,
    /// Its keys, and what a click on each does.
    keys: Vec<(String, Click)>,
    word: String,
    possible: bool,
    /// The letter that it presses, where it is one of several keys of its action.
    press: Option<char>,
}

/// The action whose keys are those of the model on the stage.
pub const ASK: &str = "ask";

/// The same in a presentation.
pub const ASK_ON_A_WALL: &str = "present-ask";

impl Hint {
    /// One for each key of the model on the stage.
    pub fn own(app: &App) -> Vec<Hint> {
        let Some(action) = actions::by_id(ASK) else { return Vec::new() };
        let language = app.lab().map(Lab::language).unwrap_or_default();
        let calls = language.calls.iter().map(|call| (call.key, call.verb.name));
        let keyed = calls.chain(language.verbs.iter().map(|own| (own.key, own.verb.name)));
        let possible = (action.can)(app).is_ok();
        let hint = |(key, name): (Option<char>, &str)| {
            let keys = vec![(key?.to_string(), Click::Press(key?))];
            Some(Hint { action, keys, word: name.to_string(), possible, press: key })
        };
        keyed.filter_map(hint).collect()
    }

    /// The key of the action with this id, with another word where one is given.
    pub fn named(app: &App, id: &str, word: &str) -> Option<Hint> {
        actions::by_id(id).map(|action| Hint::of(app, action, word))
    }

    /// Whether it can be done now.
    pub fn is_possible(&self) -> bool {
        self.possible
    }

    /// The letter that it presses, where it is one of several keys of its action.
    pub fn presses(&self) -> Option<char> {
        self.press
    }

    /// Whether it stands for the same key.
    pub fn is_same(&self, other: &Hint) -> bool {
        (self.action.id, self.press) == (other.action.id, other.press)
    }

    fn of(app: &App, action: &'static Action, word: &str) -> Hint {
        let word = if word.is_empty() { action.word } else { word }.to_string();
        let keys: Vec<(String, Click)> = match (action.id, app.lab()) {
            // Which of the rows is meant, a click on the row itself says.
            ("quiz-digit", _) => app.quiz.as_ref().map(|quiz| (format!("1-{}", quiz.rows().max(1)), Click::Nothing)).into_iter().collect(),
            ("option", Some(lab)) => ('1'..='9').take(lab.options()).map(|digit| (digit.to_string(), Click::Press(digit))).collect(),
            _ => action.shown().map(|one| (one.first_key().short(app.theme.glyphs.ascii), Click::Act(one.id))).collect(),
        };
        Hint { action, keys, word, possible: (action.can)(app).is_ok(), press: None }
    }

    /// With one key all of it can be clicked, with several each key.
    fn can_be_clicked(&self, area: Rect, hits: &mut Hits) {
        if let [(_, click)] = &self.keys[..] {
            return hits.add(area, *click);
        }
        let mut x = area.x;
        for (key, click) in &self.keys {
            let wide = width(key) as u16;
            hits.add(Rect { x, width: wide, ..area }, *click);
            x += wide + 1;
        }
    }

    fn key(&self) -> String {
        self.keys.iter().map(|(key, _)| key.as_str()).collect::<Vec<_>>().join(" ")
    }

    fn width(&self) -> usize {
        width(&self.key()) + 1 + width(&self.word)
    }

    fn draw(&self, app: &App, area: Rect, buf: &mut Buffer) {
        let theme = &app.theme;
        let (key, word) = if self.possible { (theme.key, theme.text) } else { (theme.dim, theme.dim) };
        let mut pen = Pen::new(buf, area);
        let x = pen.text(area.x.into(), area.y.into(), &self.key(), key);
        pen.text(x + 1, area.y.into(), &self.word, word);
    }
}

/// All hints if they fit; else as many as fit together with the last one, which leads to all keys.
fn fitting(mut shown: Vec<&Hint>, room: usize) -> Vec<&Hint> {
    let total = |hints: &[&Hint]| hints.iter().map(|h| h.width() + GAP).sum::<usize>().saturating_sub(GAP);
    while shown.len() > 1 && total(&shown) > room {
        shown.remove(shown.len() - 2);
    }
    shown
}

/// What is being worked on, how far it is, and the key that stops it.
fn work_line(app: &App, work: &Work, area: Rect, buf: &mut Buffer, hits: &mut Hits) {
    let theme = &app.theme;
    let Some(stop) = actions::by_id(work::STOP).map(|action| Hint::of(app, action, "")) else { return };
    let reached = work.reached();
    let (x, y) = (area.x + 1, area.y);
    let room = usize::from(area.width).saturating_sub(stop.width() + GAP + 2);
    let forms = [format!("at {}, {} events", reached.at, grouped(reached.events)), format!("at {}", reached.at)];
    let fits = |far: &&String| 2 + width(&work.what) + GAP + width(far) <= room;
    let [_, short] = &forms;
    let far = forms.iter().find(fits).unwrap_or(short);
    let what = room.saturating_sub(width(far) + GAP);
    let mut pen = Pen::new(buf, area);
    pen.put(x.into(), y.into(), theme.glyphs.pointer, theme.key);
    let after = pen.clipped(i32::from(x) + 2, y.into(), &work.what, what.saturating_sub(2), theme.glyphs.more, theme.strong);
    pen.clipped(after + GAP as i32, y.into(), far, room, theme.glyphs.more, theme.text);
    let place = Rect { x: area.right().saturating_sub(stop.width() as u16 + 1), width: stop.width() as u16, ..area };
    stop.draw(app, place, buf);
    hits.add(place, Click::Act(work::STOP));
}

/// A number with its digits in groups of three.
fn grouped(n: u64) -> String {
    let digits = n.to_string();
    let first = digits.len() % 3;
    let groups = digits.as_bytes()[first..].chunks(3).map(|group| String::from_utf8_lossy(group).into_owned());
    let all: Vec<String> = [digits[..first].to_string()].into_iter().filter(|group| !group.is_empty()).chain(groups).collect();
    all.join(",")
}

/// A line over what stands above the keys. A refusal means "not now", so it has the sign of what is not yet.
fn notice_line(app: &App, notice: &Notice, area: Rect, buf: &mut Buffer) {
    let theme = &app.theme;
    let (sign, style, words) = match notice {
        Notice::Refused(why) => (theme.glyphs.dot, theme.stale, why),
        Notice::Done(what) => (theme.glyphs.pointer, theme.key, what),
    };
    // A border goes on behind the words; of a line of text no half would mean anything.
    let is_border = buf.cell(area.as_position()).is_some_and(|cell| cell.symbol() != " ");
    let mut pen = Pen::new(buf, area);
    if !is_border {
        pen.clear(area);
    }
    let (x, y) = (area.x as i32 + 2, area.y as i32);
    let room = usize::from(area.width).saturating_sub(8);
    let end = pen.clipped(x + 3, y, words, room, theme.glyphs.more, theme.strong);
    pen.text(x, y, &format!(" {sign} "), style);
    pen.text(end, y, " ", theme.text);
}
