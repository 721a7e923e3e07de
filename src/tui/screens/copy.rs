//! The selected line as text, for the clipboard of the terminal.

use super::lab::Lab;
use super::lab::layout::Panel;
use super::{Over, View};
use crate::lesson::Lesson;
use crate::tui::app::{App, Effect};
use crate::tui::keys::Key;
use crate::tui::theme::Theme;
use crate::tui::widgets::text::Line;
use crate::tui::widgets::{Target, inspector, markdown, narration};

/// Copies what is selected; what nothing is selected in, as a whole.
pub fn copy(app: &mut App, _key: Key) {
    let Some(text) = selected(app).filter(|text| !text.trim().is_empty()) else {
        return app.refuse("nothing to copy is selected here");
    };
    app.say(format!("copied, if the terminal allows it: {}", text.lines().next().unwrap_or_default()));
    app.ask(Effect::Copy(text));
}

/// Many terminals take no longer text for the clipboard than this, in bytes.
const CLIPBOARD_MAX: usize = 74_000;

/// Copies a command line that runs the run on the stage again.
pub fn copy_run(app: &mut App, _key: Key) {
    let Some(lab) = app.lab() else { return };
    let replay = lab.run().replay();
    let (line, pokes) = (replay.command_line(), replay.pokes.len());
    let which = if lab.walk.stage().is_two() { "the run of A" } else { "this run" };
    let long = if line.len() > CLIPBOARD_MAX { "; it is long, and some terminals take no text as long" } else { "" };
    app.say(format!("{which} is copied with its {pokes} pokes, if the terminal allows it{long}: paste it into a shell"));
    app.ask(Effect::Copy(line));
}

fn selected(app: &App) -> Option<String> {
    match (&app.over, app.view) {
        (Some(over), _) => on_top(app, over),
        (None, View::Home) => app.home.question().map(str::to_string),
        (None, View::Results | View::Notes) => None,
        (None, View::Quiz) => app.quiz.as_ref()?.asked(),
        (None, View::Lab | View::Present) => in_lab(&app.theme, app.lab()?),
    }
}

fn on_top(app: &App, over: &Over) -> Option<String> {
    match over {
        Over::Help(_) | Over::Signs(_) | Over::Settings(_) | Over::Pages(_) => None,
        Over::Palette(palette) => Some(palette.chosen().to_string()),
        Over::Pick(pick) => pick.chosen(),
        Over::History(row) => {
            let branches = app.lab()?.run().branches();
            Some(branches.get(*row)?.poke.as_ref()?.poke.to_string())
        }
        Over::Many(many) => many.told(),
        Over::Answer(_) | Over::End => Some(answer(&app.theme, app.lab()?.walk.lesson())),
        Over::Trouble(lines, _) => Some(lines.join("\n")),
    }
}

fn answer(theme: &Theme, lesson: &Lesson) -> String {
    format!("{}\n\n{}", lesson.question, read(theme, &lesson.answer))
}

/// No paragraph is as wide, in cells: each becomes one line.
const UNBROKEN: usize = 4_000;

/// A text in Markdown as one reads it.
fn read(theme: &Theme, markdown: &str) -> String {
    plain(&markdown::lines(theme, markdown, UNBROKEN))
}

fn plain(lines: &[Line]) -> String {
    let words = |line: &Line| line.iter().map(|piece| piece.text.as_str()).collect::<String>();
    lines.iter().map(words).collect::<Vec<_>>().join("\n")
}

/// What is selected in the part that has the keyboard, in the words that the screen has for it; of the timeline, the command that
/// runs it again.
fn in_lab(theme: &Theme, lab: &Lab) -> Option<String> {
    let picture = lab.picture();
    match (lab.focus, lab.selected) {
        (Panel::Guarantees, _) => {
            let verdict = picture.verdicts.get(lab.row)?;
            Some(format!("{}: {}", verdict.guarantee.words(), verdict.why))
        }
        (Panel::Timeline, _) => Some(lab.run().replay().command_line()),
        (_, Some(Target::Event(event))) => sentence(theme, lab, |number| number == event),
        (Panel::Question | Panel::Stage, Some(target)) => Some(inspected(theme, lab, target)),
        (Panel::Question, None) => Some(read(theme, &lab.walk.step().text)),
        (Panel::Stage | Panel::Log, _) => sentence(theme, lab, |_| true),
    }
}

/// The newest sentence about an event that is wanted.
fn sentence(theme: &Theme, lab: &Lab, wanted: impl Fn(u64) -> bool) -> Option<String> {
    let picture = lab.picture();
    let told = picture.happenings().iter().rev().filter(|h| wanted(h.event));
    let mut told = told.filter_map(|h| Some(format!("{}  {}", h.at, narration::sentence(theme, &h.what, picture.operations())?.text)));
    told.next()
}

fn inspected(theme: &Theme, lab: &Lab, target: Target) -> String {
    let picture = lab.picture();
    let facts = inspector::Facts {
        scene: &picture.scene,
        happenings: picture.happenings(),
        operations: picture.operations(),
        verdicts: &picture.verdicts,
    };
    plain(&inspector::lines(theme, target, &facts))
}
