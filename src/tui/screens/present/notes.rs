//! The notes of a presentation, in a second terminal: what to say, what comes next, where one is, and what time it is.

use std::path::PathBuf;
use std::time::Duration;

use ratatui::buffer::Buffer;
use ratatui::layout::{Constraint, Layout, Rect};

use crate::present::here::Here;
use crate::present::notes::{self, Section};
use crate::present::show::{Plan, Planned};
use crate::present::{Beat, Phase};
use crate::progress::Wall;
use crate::tui::app::App;
use crate::tui::clock::Moment;
use crate::tui::hits::Hits;
use crate::tui::keys::Key;
use crate::tui::screens::{footer, with_footer};
use crate::tui::theme::Theme;
use crate::tui::widgets::markdown::hanging;
use crate::tui::widgets::pen::Pen;
use crate::tui::widgets::text::{Line, piece, width, wrap_pieces};

/// Which notes are wanted.
#[derive(Clone, Debug)]
pub struct NotesOf {
    /// The folder in which presentations say where they are.
    pub folder: PathBuf,
    /// The name of one; the newest unless said.
    pub name: Option<String>,
    /// The clock of the day.
    pub wall: Wall,
}

/// How often it is looked whether something was said.
const LOOK: Duration = Duration::from_millis(100);

/// How often a presentation is looked for while there is none.
const SEEK: Duration = Duration::from_secs(1);

/// The columns of a text that reads well.
const MEASURE: usize = 78;

/// The notes as they are shown.
pub struct Notes {
    of: NotesOf,
    #[cfg(unix)]
    line: Option<crate::present::hall::Listener>,
    here: Option<Here>,
    /// What is presented; or why it cannot be read here.
    plan: Option<Result<Plan, Vec<String>>>,
    /// Why there is nothing to read.
    why: String,
    /// When a presentation was looked for last.
    sought: Option<Moment>,
    /// The first line shown.
    scroll: usize,
    most_scroll: std::cell::Cell<usize>,
    /// When the clock began, in milliseconds since 1970, where it was begun anew.
    began: Option<i64>,
    /// What the clocks show, to the second.
    seconds: i64,
}

impl Notes {
    /// Nothing is known yet.
    pub fn new(of: &NotesOf) -> Notes {
        Notes {
            of: of.clone(),
            #[cfg(unix)]
            line: None,
            here: None,
            plan: None,
            why: "looking for a presentation".into(),
            sought: None,
            scroll: 0,
            most_scroll: std::cell::Cell::new(0),
            began: None,
            seconds: 0,
        }
    }

    /// When it is to be looked again.
    pub(in crate::tui) fn deadline(now: Moment) -> Moment {
        now + LOOK
    }

    /// Takes in what was said; says whether anything is new.
    fn hear(&mut self, now: Moment) -> bool {
        let seconds = self.of.wall.now().0 / 1000;
        let ticked = std::mem::replace(&mut self.seconds, seconds) != seconds;
        let before = (self.here.clone(), self.why.clone());
        self.listen(now);
        let changed = before != (self.here.clone(), self.why.clone());
        if changed {
            self.follow(before.0.as_ref());
        }
        changed || ticked
    }

    #[cfg(unix)]
    fn listen(&mut self, now: Moment) {
        use crate::present::hall::Listener;
        if let Some(line) = &mut self.line {
            match line.hear() {
                Ok(_) => self.here = Some(line.here.clone()),
                Err(why) => (self.line, self.here, self.why) = (None, None, why),
            }
            return;
        }
        if self.sought.and_then(|last| now.checked_sub(last)).is_some_and(|since| since < SEEK) {
            return;
        }
        self.sought = Some(now);
        match Listener::find(&self.of.folder, self.of.name.as_deref()) {
            Ok(line) => (self.here, self.line, self.why) = (Some(line.here.clone()), Some(line), String::new()),
            Err(why) => self.why = why.to_string(),
        }
    }

    #[cfg(not(unix))]
    fn listen(&mut self, _now: Moment) {
        self.why = "this system has no sockets of files, so no notes can be shown".into();
    }

    /// The presentation is somewhere else: reads what it presents, where that is another one.
    fn follow(&mut self, before: Option<&Here>) {
        let Some(here) = &self.here else { return };
        if before.is_none_or(|before| before.page != here.page) {
            self.scroll = 0;
        }
        if before.is_none_or(|before| (&before.origin, before.since, before.readings) != (&here.origin, here.since, here.readings)) {
            self.plan = Some(read(here));
        }
    }

    /// The page that is shown, with its notes.
    fn planned(&self) -> Option<&Planned> {
        self.plan.as_ref()?.as_ref().ok()?.pages.get(self.here.as_ref()?.page.0)
    }
}

/// Reads the deck or the lesson of a presentation.
fn read(here: &Here) -> Result<Plan, Vec<String>> {
    let plan = here.origin.catalogue().and_then(|catalogue| Plan::open(here.origin.clone(), &catalogue));
    match plan {
        Ok(plan) if plan.pages.len() == here.page.1 => Ok(plan),
        Ok(_) => Err(vec!["The deck was changed since the presentation began: its pages are others now.".into()]),
        Err(error) => Err(format!("{error:#}").lines().map(str::to_string).collect()),
    }
}

/// Real time went on.
pub(in crate::tui) fn follow(app: &mut App) {
    let now = app.now;
    if app.notes.as_mut().is_some_and(|notes| notes.hear(now)) {
        app.changed();
    }
}

/// A line up.
pub fn up(app: &mut App, _key: Key) {
    scroll(app, -1);
}

/// A line down.
pub fn down(app: &mut App, _key: Key) {
    scroll(app, 1);
}

/// Ten lines up.
pub fn page_up(app: &mut App, _key: Key) {
    scroll(app, -10);
}

/// Ten lines down.
pub fn page_down(app: &mut App, _key: Key) {
    scroll(app, 10);
}

fn scroll(app: &mut App, by: isize) {
    if let Some(notes) = &mut app.notes {
        let most = notes.most_scroll.get();
        notes.scroll = notes.scroll.min(most).saturating_add_signed(by).min(most);
    }
}

/// Lets the clock begin anew.
pub fn restart_clock(app: &mut App, _key: Key) {
    if let Some(notes) = &mut app.notes {
        notes.began = Some(notes.of.wall.now().0);
    }
}

/// Draws everything.
pub fn draw(app: &App, area: Rect, buf: &mut Buffer, hits: &mut Hits) {
    let Some(notes) = &app.notes else { return };
    let theme = &app.theme;
    let [body, foot] = with_footer(area);
    let [head, _, text, next] =
        Layout::vertical([Constraint::Length(2), Constraint::Length(1), Constraint::Fill(1), Constraint::Length(3)]).areas(body);
    clocks(theme, notes, head, buf);
    let column = Rect { x: text.x + 2, width: text.width.saturating_sub(4).min(MEASURE as u16), ..text };
    let lines = lines(theme, notes, column.width.into());
    let most = lines.len().saturating_sub(column.height.into());
    notes.most_scroll.set(most);
    let first = notes.scroll.min(most);
    crate::tui::screens::lab::draw::put_lines(&lines[first..], column, buf);
    following(theme, notes, (next, most - first), buf);
    footer::draw(app, &["notes-down", "notes-clock", "notes-leave", "help"], foot, buf, hits);
}

/// The time of the day, how long it has gone on, and where one is.
fn clocks(theme: &Theme, notes: &Notes, area: Rect, buf: &mut Buffer) {
    let mut pen = Pen::new(buf, area);
    let (x, y) = (i32::from(area.x) + 2, i32::from(area.y));
    let now = notes.of.wall.now();
    let end = pen.text(x, y, &notes.of.wall.time_of_day(now), theme.key);
    let Some(here) = &notes.here else { return };
    let since = notes.began.unwrap_or(here.since);
    pen.text(end + 3, y, &format!("for {}", span((now.0 - since) / 1000)), theme.strong);
    let place = place(notes, here);
    let right = i32::from(area.right()) - 2 - width(&place) as i32;
    let (x, y) = if right > end + 16 { (right, y) } else { (x, y + 1) };
    pen.clipped(x, y, &place, usize::from(area.width).saturating_sub(4), theme.glyphs.more, theme.text);
}

/// `42 s`, `18 min 20 s`, `1 h 05 min`.
fn span(seconds: i64) -> String {
    match seconds.max(0) {
        seconds @ 0..60 => format!("{seconds} s"),
        seconds @ 60..3600 => format!("{} min {:02} s", seconds / 60, seconds % 60),
        seconds => format!("{} h {:02} min", seconds / 3600, seconds % 3600 / 60),
    }
}

/// `page 3 of 9, mark 1 of 3`.
fn place(notes: &Notes, here: &Here) -> String {
    let marks = notes.planned().map_or(0, |planned| notes::marks(planned).len());
    let what = match (here.beat, here.mark) {
        (Beat::Tell(part), _) => format!("words {}", part + 1),
        (Beat::Vote(Phase::Alone), _) => "vote, alone".into(),
        (Beat::Vote(Phase::Discuss), _) => "they talk".into(),
        (Beat::Vote(Phase::Again), _) => "vote, again".into(),
        (Beat::Vote(Phase::Both), _) => "both counts".into(),
        (Beat::Run, Some(mark)) if marks > 0 => format!("mark {} of {marks}", mark + 1),
        (Beat::Run, _) => "it runs".into(),
        (Beat::Why(part), _) => format!("why {}", part + 1),
    };
    let black = if here.black { ", black" } else { "" };
    format!("{}   page {} of {}, {what}{black}", here.name, here.page.0 + 1, here.page.1)
}

/// Everything to read.
fn lines(theme: &Theme, notes: &Notes, width: usize) -> Vec<Line> {
    let say = |text: &str| wrap_pieces(&[piece(text, theme.text)], width, 0);
    let Some(here) = &notes.here else {
        let wait =
            "This window waits for `splitbrain present LESSON` or `splitbrain present DECK.toml` in another terminal.".replace('`', "");
        return [say(&format!("{}.", capital(&notes.why))), vec![Line::new()], say(&wait)].concat();
    };
    if let Some(Err(wrong)) = &notes.plan {
        let head = say("The notes cannot be read here. The presentation goes on without them.");
        return head.into_iter().chain([Line::new()]).chain(wrong.iter().flat_map(|line| say(line))).collect();
    }
    let (Some(planned), Some(Ok(plan))) = (notes.planned(), &notes.plan) else { return Vec::new() };
    let mut all = vec![vec![piece(planned.page.title(), theme.strong), piece(format!("   {}", plan.place(here.page.0)), theme.dim)]];
    now(theme, here, width, &mut all);
    let sections = notes::of(planned);
    if sections.is_empty() {
        all.extend([Line::new(), vec![piece("No notes for this page.", theme.dim)]]);
    }
    for section in &sections {
        put(theme, section, width, &mut all);
    }
    marks(theme, (planned, here), width, &mut all);
    all
}

/// What is said, and the counts: what whoever speaks looks for first.
fn now(theme: &Theme, here: &Here, width: usize, all: &mut Vec<Line>) {
    let mut say = |heading: &str, lines: &[String]| {
        if !lines.is_empty() {
            all.extend([Line::new(), vec![piece(heading, theme.key)]]);
            for line in lines {
                all.extend(wrap_pieces(&[piece(format!("  {line}"), theme.strong)], width, 2));
            }
        }
    };
    let one = |text: &str| Some(text.to_string()).filter(|text| !text.is_empty()).into_iter().collect::<Vec<_>>();
    say("On the wall", &one(&here.says));
    let counted = ["before the talk", "after it"].into_iter().zip(&here.counts);
    let mut counts: Vec<String> = counted.filter_map(|(when, counts)| Some(format!("{}   {when}", counts.as_ref()?.typed()))).collect();
    if matches!(here.beat, Beat::Vote(phase) if phase.round().is_some()) {
        counts.extend(here.polled.as_ref().map(|polled| format!("{}   from phones so far", polled.typed())));
        counts.push(match here.typed.as_str() {
            "" => "Type them at the presentation: 1=12 2=20, then Enter. They are covered there.".into(),
            typed => format!("{typed}   typed; Enter takes them"),
        });
    }
    say("Counts", &counts);
}

fn put(theme: &Theme, section: &Section, width: usize, all: &mut Vec<Line>) {
    all.extend([Line::new(), vec![piece(section.heading, theme.key)]]);
    section.lines.iter().for_each(|line| all.extend(hanging(theme, ("", theme.text), line, width)));
}

/// The marks, with a pointer at the one that the screen stands at.
fn marks(theme: &Theme, (planned, here): (&Planned, &Here), width: usize, all: &mut Vec<Line>) {
    let marks = notes::marks(planned);
    if !marks.is_empty() {
        all.extend([Line::new(), vec![piece("Marks", theme.key)]]);
    }
    for (number, mark) in marks.iter().enumerate() {
        let sign = if here.mark == Some(number) { theme.glyphs.pointer } else { "" };
        all.extend(hanging(theme, (sign, theme.key), &format!("**{}** {mark}", number + 1), width));
    }
}

/// What comes next, and how much there is to scroll.
fn following(theme: &Theme, notes: &Notes, (area, more): (Rect, usize), buf: &mut Buffer) {
    let (Some(here), Some(Ok(plan))) = (&notes.here, &notes.plan) else { return };
    let next = plan.next_title(here.page.0).map_or_else(|| "This is the last page.".to_string(), |title| format!("Next: {title}"));
    let mut pen = Pen::new(buf, area);
    let (x, y) = (i32::from(area.x) + 2, i32::from(area.y) + 1);
    for x in area.left()..area.right() {
        pen.put(x.into(), area.y.into(), theme.glyphs.lanes[0], theme.edge);
    }
    let on = format!("Enter: {}", here.next);
    pen.clipped(x, y, &on, usize::from(area.width).saturating_sub(4), theme.glyphs.more, theme.strong);
    let end = pen.clipped(x, y + 1, &next, usize::from(area.width).saturating_sub(14), theme.glyphs.more, theme.strong);
    if more > 0 {
        pen.text(end + 3, y + 1, &format!("{} {more}", theme.glyphs.arrows[3]), theme.dim);
    }
}

fn capital(text: &str) -> String {
    let mut chars = text.chars();
    chars.next().map_or_else(String::new, |first| first.to_uppercase().chain(chars).collect())
}
