//! The first line of the lab: the question as long as it fits, or where one is; and the steps.

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;

use super::Lab;
use crate::lesson::walk::Progress;
use crate::tui::app::App;
use crate::tui::widgets::pen::Pen;
use crate::tui::widgets::text::width;

/// The name of the program with the space after it, in cells.
const BRAND: usize = "splitbrain  ".len();

/// From this width on the seed is shown, unless the question needs its room.
const ROOM_FOR_SEED: u16 = 100;

/// How much of everything fits together with the question.
#[derive(Clone, Copy, PartialEq, Eq)]
struct Form {
    seed: bool,
    brand: bool,
    /// Columns from one step's sign to the next.
    apart: usize,
}

/// The forms in which a line with the question is tried.
const FORMS: [Form; 4] = [
    Form { seed: true, brand: true, apart: 2 },
    Form { seed: false, brand: true, apart: 2 },
    Form { seed: false, brand: true, apart: 1 },
    Form { seed: false, brand: false, apart: 1 },
];

/// The form in which the question fits into a line of this width, if any.
fn form(lab: &Lab, room: u16) -> Option<Form> {
    let steps = lab.walk.progress().len();
    let question = width(&lab.walk.lesson().question);
    let brand = |form: &Form| if form.brand { BRAND } else { 0 };
    let fits = |form: &Form| brand(form) + question + width(&place(lab, form.seed)) + form.apart * steps + 4 <= usize::from(room);
    FORMS.into_iter().filter(|form| !form.seed || room >= ROOM_FOR_SEED).find(fits)
}

/// Whether the first line says the whole question on a screen of this width.
pub fn says_question(lab: &Lab, room: u16) -> bool {
    form(lab, room).is_some()
}

fn place(lab: &Lab, seed: bool) -> String {
    let seed = if seed { format!("seed {}   ", lab.run().scenario().seed) } else { String::new() };
    format!("{seed}step {} of {}  ", lab.walk.index() + 1, lab.walk.progress().len())
}

/// Draws the line.
pub fn header(app: &App, lab: &Lab, area: Rect, buf: &mut Buffer) {
    let theme = &app.theme;
    let mut pen = Pen::new(buf, area);
    let (mut x, y) = (area.x as i32 + 1, area.y as i32);
    let form = form(lab, area.width);
    let Form { seed, brand, apart } = form.unwrap_or(Form { seed: area.width >= ROOM_FOR_SEED, ..FORMS[0] });
    let dots = lab.walk.progress();
    let place = place(lab, seed);
    let right = area.right() as i32 - 1 - (dots.len() * apart) as i32 - width(&place) as i32;
    if brand {
        x = pen.text(x, y, "splitbrain", theme.leader) + 2;
    }
    let room = (right - x - 2).max(0) as usize;
    let (title, style) = match form {
        Some(_) => (lab.walk.lesson().question.clone(), theme.strong),
        None => (title(app, lab, room), theme.text),
    };
    x = pen.clipped(x, y, &title, if form.is_some() { usize::MAX } else { room }, theme.glyphs.more, style);
    let mut at = pen.text(right.max(x + 1), y, &place, theme.dim);
    for (i, progress) in dots.iter().enumerate() {
        let (sign, style) = match progress {
            Progress::Done => (theme.glyphs.steps[0], theme.good),
            Progress::Seen => (theme.glyphs.steps[1], theme.text),
            Progress::New => (theme.glyphs.steps[2], theme.dim),
        };
        pen.put(at, y, sign, if i == lab.walk.index() { theme.key } else { style });
        at += apart as i32;
    }
}

/// The title of the lesson, below its chapter where there is room.
fn title(app: &App, lab: &Lab, room: usize) -> String {
    let lesson = lab.walk.lesson();
    let chapter = app.catalogue.topics.chapters.iter().find(|c| c.id == lesson.chapter).map_or("", |c| c.title.as_str());
    let whole = format!("{chapter} > {}", lesson.title);
    if chapter.is_empty() || width(&whole) > room { lesson.title.clone() } else { whole }
}
