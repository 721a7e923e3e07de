//! A lesson or a deck on a wall: one thing at a time, large and calm, driven by a presenter's remote.
//!
//! What is shown of a page is decided in [`crate::present`]; the cluster below is a lab like any other, so that everything that can be done
//! to it there can be done to it here.

pub mod act;
pub(in crate::tui) mod again;
mod beside;
mod big;
mod coming;
pub mod draw;
mod left;
pub mod notes;
pub mod pages;
mod said;
mod stage;
mod tally;
#[cfg(test)]
mod tests;

use std::collections::{BTreeMap, BTreeSet};
use std::path::PathBuf;
use std::sync::Arc;

use tui_input::Input as Line;

use super::lab::{Lab, Purpose};
use crate::lesson::schema::StepKind;
use crate::lesson::walk::{Awaits, Walk};
use crate::present::{Asked, Beat, Counts, Here, Page, Phase, Poll, Round, Show, Situation, Vote};
use crate::tui::app::App;
use crate::tui::clock::Moment;
use crate::tui::widgets::markdown::unmarked;
use std::time::Duration;

/// What the command line says about a presentation.
#[derive(Clone, Debug, Default)]
pub struct Presented {
    /// What is shown.
    pub show: Arc<Show>,
    /// When it began, in milliseconds since 1970.
    pub since: i64,
    /// The folder in which it tells where it is; `None`: nobody.
    pub folder: Option<PathBuf>,
}

/// How often it is looked whether somebody has voted.
const VOTES: Duration = Duration::from_millis(200);

/// A presentation that is going on.
pub struct Presenting {
    show: Arc<Show>,
    page: usize,
    beat: Beat,
    /// What was counted, by page.
    votes: BTreeMap<usize, Vote>,
    /// The pages whose question is over: the class was asked, and saw what happens.
    decided: BTreeSet<usize>,
    left: left::Left,
    /// Counts that are being typed.
    line: Line,
    /// What is wrong with them.
    wrong: Vec<String>,
    black: bool,
    poll: Option<Box<dyn Poll>>,
    /// What came in over it so far, while votes count.
    polled: Option<Counts>,
    /// What is to be known of them.
    noticed: Option<String>,
    /// With how many pokes time has passed last.
    tried: Option<usize>,
    /// Whether one run of a table is on the stage.
    one_run: bool,
    /// A lesson as it is before anything is done in it.
    fresh: Option<(String, Walk)>,
    /// How often what is shown was read again.
    readings: u32,
    told: Here,
    #[cfg(unix)]
    hall: Option<crate::present::hall::Hall>,
}

impl Presenting {
    /// At its first page. The error says why nobody can be told where it is.
    pub fn new(presented: &Presented) -> (Presenting, Option<String>) {
        let Presented { show, since, folder } = presented;
        assert!(!show.pages.is_empty(), "a show has a page");
        let told = Here::start(&show.name, show.origin.clone(), *since, show.pages.len());
        #[cfg(unix)]
        let hall = folder.as_deref().map(|folder| crate::present::hall::Hall::open(folder, &told)).transpose();
        #[cfg(unix)]
        let (hall, why) = hall.map_or_else(|why| (None, Some(why.to_string())), |hall| (hall, None));
        #[cfg(not(unix))]
        let why = folder.as_ref().map(|_| "this system has no sockets of files".to_string());
        let presenting = Presenting {
            show: Arc::clone(show),
            page: 0,
            beat: Beat::default(),
            votes: BTreeMap::new(),
            decided: BTreeSet::new(),
            left: left::Left::default(),
            line: Line::default(),
            wrong: Vec::new(),
            black: false,
            poll: None,
            polled: None,
            noticed: None,
            tried: None,
            one_run: false,
            fresh: None,
            readings: 0,
            told,
            #[cfg(unix)]
            hall,
        };
        (presenting, why.map(|why| format!("no notes can be shown: {why}")))
    }

    /// Takes votes from elsewhere too.
    pub fn take_votes_from(&mut self, poll: Box<dyn Poll>) {
        self.poll = Some(poll);
    }

    fn shown(&self) -> &Page {
        &self.show.pages[self.page]
    }

    /// Whether a step of a lesson is shown.
    pub(in crate::tui) fn is_step(&self) -> bool {
        matches!(self.shown(), Page::Step { .. })
    }

    /// Whether a table stands in the place of the cluster.
    fn shows_table(&self, lab: &Lab) -> bool {
        lab.walk.table().is_some() && !self.one_run
    }

    /// What was counted on this page.
    fn vote(&self) -> Option<&Vote> {
        self.votes.get(&self.page)
    }

    /// Whether counts are typed now.
    pub(in crate::tui) fn is_counting(&self) -> bool {
        matches!(self.beat, Beat::Vote(phase) if phase.round().is_some())
    }

    /// Whether counts are being typed: keys that would lose them wait.
    fn is_typing(&self) -> bool {
        self.is_counting() && !self.line.value().is_empty()
    }

    pub(in crate::tui) fn line_mut(&mut self) -> Option<&mut Line> {
        let counting = self.is_counting() && !self.black;
        Some(&mut self.line).filter(|_| counting)
    }

    /// Something was typed: what was wrong is being mended. What belongs to no count is not taken.
    pub(in crate::tui) fn edited(&mut self) {
        self.wrong.clear();
        if !self.line.value().chars().all(is_of_a_count) {
            let kept: String = self.line.value().chars().filter(|c| is_of_a_count(*c)).collect();
            self.line = Line::new(kept);
        }
    }

    /// When it is to be looked again whether somebody has voted.
    pub(in crate::tui) fn deadline(&self, now: Moment) -> Option<Moment> {
        let open = self.poll.is_some() && self.is_counting();
        open.then_some(now + VOTES)
    }
}

/// Whether a character can stand in a count.
fn is_of_a_count(c: char) -> bool {
    c.is_ascii_digit() || matches!(c, '=' | ' ' | ',')
}

/// Real time went on: takes in who has voted.
pub(in crate::tui) fn follow(app: &mut App) {
    let Some(presenting) = &mut app.present else { return };
    let counting = presenting.is_counting();
    let poll = presenting.poll.as_ref().filter(|_| counting);
    let (votes, notice) = (poll.map(|poll| poll.votes()), poll.and_then(|poll| poll.notice()));
    if presenting.polled != votes || presenting.noticed != notice {
        (presenting.polled, presenting.noticed) = (votes, notice);
        app.changed();
    }
}

/// Tells where the presentation is, when that has changed.
pub(in crate::tui) fn tell(app: &mut App) {
    let mark = app.lab().and_then(|lab| lab.mark);
    let words = coming::words(app);
    let Some(presenting) = &mut app.present else { return };
    let page = (presenting.page, presenting.show.pages.len());
    let mut here = presenting.told.clone();
    (here.page, here.beat, here.mark, here.black) = (page, presenting.beat, mark, presenting.black);
    (here.says, here.next) = words;
    here.readings = presenting.readings;
    here.counts = [Round::First, Round::Second].map(|round| presenting.vote()?.of(round).cloned());
    (here.typed, here.polled) = (presenting.line.value().to_string(), presenting.polled.clone());
    if here != presenting.told {
        #[cfg(unix)]
        if let Some(hall) = &presenting.hall {
            hall.tell(&here);
        }
        presenting.told = here;
    }
}

/// How it is with the page.
fn situation(app: &App) -> Situation {
    let presenting = app.present.as_ref();
    let counted = presenting.and_then(|presenting| presenting.vote()).is_some_and(Vote::is_counted);
    let (Some(presenting), Some(lab)) = (presenting, app.lab()) else {
        return Situation { tells: 1, whys: 0, asks: false, counted: false, awaits: Awaits::Nothing, playing: false, poked: false };
    };
    let pokes = lab.walk.pokes();
    Situation {
        tells: said::tells(lab, presenting.shown().title()).len(),
        whys: said::whys(lab).len(),
        asks: lab.walk.is_locked(),
        counted,
        awaits: awaits(lab),
        playing: lab.pace.playing(),
        poked: pokes > 0 && presenting.tried != Some(pokes),
    }
}

/// What the step waits for; what lies ahead is watched, also again.
fn awaits(lab: &Lab) -> Awaits {
    match lab.walk.awaits_if(|| lab.goal.holds) {
        Awaits::Nothing if !matches!(lab.walk.step().kind, StepKind::Try(_) | StepKind::Measure(_)) && lab.walk.lies_ahead() => {
            Awaits::Watching
        }
        awaits => awaits,
    }
}

/// The question that is put to the class.
fn asked(app: &App) -> Option<Asked> {
    let lab = app.lab()?;
    let StepKind::Predict { options, .. } = &lab.walk.step().kind else { return None };
    let plain = |text: &str| unmarked(&lab.told(text));
    Some(Asked {
        lesson: lab.walk.lesson().id.clone(),
        step: lab.walk.step().id.clone(),
        question: plain(&lab.walk.step().text),
        options: options.iter().map(|option| plain(&option.text)).collect(),
    })
}

/// Shows something else of the page; a vote begins or ends with it.
fn show(app: &mut App, beat: Beat) {
    let asked = asked(app);
    let Some(presenting) = &mut app.present else { return };
    let before = presenting.beat;
    presenting.beat = beat;
    if before == beat {
        return;
    }
    let round = |beat: Beat| if let Beat::Vote(phase) = beat { phase.round() } else { None };
    if let Some(round) = round(before) {
        // Whoever comes back to a round finds what was typed.
        let typed = presenting.line.value().to_string();
        presenting.votes.entry(presenting.page).or_default().keep_typed(round, &typed);
        if let Some(poll) = &mut presenting.poll {
            poll.close();
        }
    }
    presenting.line = Line::default();
    presenting.wrong.clear();
    presenting.polled = None;
    presenting.one_run = false;
    if let (Some(asked), Some(round)) = (asked, round(beat)) {
        let vote = presenting.votes.entry(presenting.page).or_default();
        presenting.line = Line::new(vote.typed(round).to_string());
        if let Some(poll) = &mut presenting.poll {
            poll.open(&asked, round);
            presenting.polled = Some(poll.votes());
        }
    }
}

/// Opens a page at its beginning, as if nothing had been done in it.
fn open_page(app: &mut App, page: usize) {
    let Some(presenting) = &mut app.present else { return };
    let page = page.min(presenting.show.pages.len() - 1);
    let Page::Step { lesson, step, .. } = presenting.show.pages[page].clone() else {
        left::keep(app);
        return arrive(app, page);
    };
    let fresh = presenting.fresh.clone().filter(|(id, _)| *id == lesson).map(|(_, walk)| walk);
    let opening = app.opening(&lesson);
    app.begin(format!("opening page {}", page + 1), move |brake| {
        let walk = match fresh {
            Some(mut walk) => {
                walk.set_brake(brake);
                walk.go_to(step).map(|()| walk).map_err(|mistakes| mistakes.lines())
            }
            None => opening.walk_at(&lesson, step, brake),
        };
        let lab = walk.map(|walk| (walk.clone(), Lab::of(walk).open_for(Purpose::Class)));
        Box::new(move |app: &mut App| match lab {
            Ok((walk, lab)) => {
                left::keep(app);
                app.labs.clear();
                app.labs.insert(lesson.clone(), lab);
                app.open.clone_from(&lesson);
                if let Some(presenting) = &mut app.present {
                    presenting.fresh = Some((lesson, walk));
                }
                arrive(app, page);
            }
            Err(lines) => app.over = Some(super::Over::Trouble(lines, 0)),
        })
    });
}

/// A page is there. What was counted on it stands.
fn arrive(app: &mut App, page: usize) {
    show(app, Beat::default());
    let Some(presenting) = &mut app.present else { return };
    (presenting.page, presenting.tried, presenting.one_run) = (page, None, false);
}

/// Where a vote is, for the screen.
fn phase(beat: Beat) -> Option<Phase> {
    if let Beat::Vote(phase) = beat { Some(phase) } else { None }
}
