//! What the keys of a presentation do. A remote has four: on, back, black, and from the start.

use std::convert::Infallible;

use super::{left, open_page, said, show, situation};
use crate::lesson::schema::StepKind;
use crate::lesson::walk::{Halt, Walk};
use crate::present::{Beat, Counts, Deed, Round};
use crate::tui::app::App;
use crate::tui::keys::Key;
use crate::tui::screens::Over;
use crate::tui::screens::lab::course::{self, Course};
use crate::tui::screens::lab::learn::{self, TO_THE_STOP};
use crate::tui::screens::lab::moves;

/// On: what comes next, whatever it is.
pub fn on(app: &mut App, key: Key) {
    if shows_again(app) || !counts_are_kept(app) {
        return;
    }
    let Some(beat) = app.present.as_ref().map(|presenting| presenting.beat) else { return };
    let deed = beat.on(&situation(app));
    carry_out(app, deed, key);
}

/// Back one mark.
pub fn back(app: &mut App, key: Key) {
    if shows_again(app) {
        return;
    }
    let Some(beat) = app.present.as_ref().map(|presenting| presenting.beat) else { return };
    let deed = beat.back(&situation(app));
    carry_out(app, deed, key);
}

/// The first key after black only lets everything be seen again.
fn shows_again(app: &mut App) -> bool {
    app.present.as_mut().is_some_and(|presenting| std::mem::take(&mut presenting.black))
}

fn carry_out(app: &mut App, deed: Deed, key: Key) {
    match deed {
        Deed::Show(beat) => {
            pause(app);
            show(app, beat);
        }
        Deed::Answer => answer(app),
        Deed::Play => {
            time_passes(app);
            moves::play(app, key);
        }
        Deed::Skip => learn::skip(app),
        Deed::Solve => {
            show(app, Beat::Run);
            learn::solution(app, key);
        }
        Deed::Command => {
            time_passes(app);
            learn::command(app, key);
        }
        Deed::Measure => {
            show(app, Beat::Run);
            learn::measure(app);
        }
        Deed::Stop(before) => stop_before(app, before),
        Deed::NextPage => turn(app, 1),
        Deed::PageBefore => back_a_page(app),
    }
}

fn pause(app: &mut App) {
    if let Some(lab) = app.lab_mut() {
        lab.pace.pause();
    }
}

/// It happens from here on; what was poked so far is being seen.
fn time_passes(app: &mut App) {
    show(app, Beat::Run);
    let pokes = app.lab().map(|lab| lab.walk.pokes());
    if let Some(presenting) = &mut app.present {
        presenting.tried = pokes;
    }
}

/// Has what is asked happen.
fn answer(app: &mut App) {
    let now = app.now;
    let tell = |course: &mut Course| course.walk.tell_option();
    course::work(app, "finding out what happens", tell, move |app, told| {
        show(app, Beat::Run);
        match (told, app.lab_mut()) {
            (Ok(()), Some(lab)) => {
                lab.pace.play(now);
                app.present.iter_mut().for_each(|presenting| _ = presenting.decided.insert(presenting.page));
            }
            (Err(why), _) => app.refuse(why),
            (Ok(()), None) => {}
        }
    });
}

/// One stop back in the run; from its start to what was shown before it.
fn stop_before(app: &mut App, before: Beat) {
    let Some(lab) = app.lab_mut() else { return show(app, before) };
    lab.pace.pause();
    (lab.mark, lab.answered) = (None, None);
    let back = |course: &mut Course| Ok::<_, Infallible>(course.walk.back_to_stop());
    course::work(app, "back one mark", back, move |app, Ok(moved)| match moved {
        Some(moved) => moves::went(app, moved, ""),
        None => show(app, before),
    });
}

/// The page before as it was left, or at its start where nothing was shown of it.
fn back_a_page(app: &mut App) {
    let before = app.present.as_ref().and_then(|presenting| presenting.page.checked_sub(1));
    if !before.is_some_and(|page| left::is_shown_again(app, page)) {
        turn(app, -1);
    }
}

/// Another page; behind the last nothing comes.
fn turn(app: &mut App, by: isize) {
    let Some(presenting) = &app.present else { return };
    match presenting.page.checked_add_signed(by).filter(|page| *page < presenting.show.pages.len()) {
        Some(page) => open_page(app, page),
        None if by > 0 => app.say("this was the last page; F5 starts again"),
        None => app.say("this is the first page"),
    }
}

/// Takes the counts of the round that is open: those that were typed, or else those that came in; where none came in since something else
/// was asked, those from before stand. False where they cannot be read.
fn counts_are_kept(app: &mut App) -> bool {
    let options = options(app);
    let Some(presenting) = &mut app.present else { return false };
    let Some(round) = super::phase(presenting.beat).and_then(crate::present::Phase::round) else { return true };
    match Counts::read(presenting.line.value(), options) {
        Ok(typed) => {
            let voted = || presenting.poll.as_ref().map(|poll| poll.votes()).filter(|votes| votes.total() > 0);
            let before = || presenting.vote()?.of(round).filter(|_| presenting.poll.is_some()).cloned();
            let counts = typed.or_else(voted).or_else(before);
            keep(app, round, counts);
            true
        }
        Err(wrong) => {
            presenting.wrong = wrong;
            false
        }
    }
}

fn keep(app: &mut App, round: Round, counts: Option<Counts>) {
    if let Some(presenting) = &mut app.present {
        presenting.votes.entry(presenting.page).or_default().keep(round, counts);
    }
}

/// How many answers there are to choose from.
fn options(app: &App) -> usize {
    match app.lab().map(|lab| &lab.walk.step().kind) {
        Some(StepKind::Predict { options, .. }) => options.len(),
        _ => 0,
    }
}

/// Black, or no longer.
pub fn black(app: &mut App, _key: Key) {
    pause(app);
    if let Some(presenting) = &mut app.present {
        presenting.black = !presenting.black;
    }
}

/// From the first page, as if nothing had been shown.
pub fn first(app: &mut App, _key: Key) {
    if let Some(presenting) = &mut app.present {
        presenting.black = false;
    }
    open_page(app, 0);
    if let Some(presenting) = &mut app.present {
        // What was kept of the page that was left by that, too.
        presenting.votes.clear();
        presenting.decided.clear();
        presenting.left.clear();
        presenting.poll.iter_mut().for_each(|poll| poll.forget());
    }
}

/// The page from its start. Votes stand while the class is being asked; a question that is over is put anew.
pub fn again(app: &mut App, _key: Key) {
    let Some(presenting) = &mut app.present else { return };
    let page = presenting.page;
    if app.labs.get(&app.open).is_some_and(|lab| !lab.walk.is_locked()) && presenting.votes.remove(&page).is_some() {
        presenting.poll.iter_mut().for_each(|poll| poll.forget());
    }
    open_page(app, page);
}

/// Whether no counts are being typed, which a letter would lose.
pub fn is_not_typing(app: &App) -> Result<(), String> {
    let typing = app.present.as_ref().is_some_and(super::Presenting::is_typing);
    if typing { Err("counts are being typed: Enter takes them, Backspace takes them back".into()) } else { Ok(()) }
}

/// The next page, whatever is still to be shown of this one.
pub fn next_page(app: &mut App, _key: Key) {
    turn(app, 1);
}

/// The page before.
pub fn page_before(app: &mut App, _key: Key) {
    turn(app, -1);
}

/// Lets everything be seen again. It leaves nothing: remotes send this key to end a slide show that they have begun.
pub fn stay(app: &mut App, _key: Key) {
    shows_again(app);
    if let Some(lab) = app.lab_mut() {
        (lab.selected, lab.knob) = (None, None);
    }
}

/// Whether the page has something that a digit leads to.
pub fn can_jump(app: &App) -> Result<(), String> {
    let lab = app.lab().ok_or("this page has no marks")?;
    is_not_asked(app)?;
    let decided = app.present.as_ref().is_some_and(|presenting| presenting.decided.contains(&presenting.page));
    if !decided {
        lab.may_move()?;
    }
    match &lab.walk.step().kind {
        StepKind::Measure(_) if lab.walk.table().is_some() => Ok(()),
        _ if lab.walk.step().marks.is_empty() => Err("this page has no marks".into()),
        _ => Ok(()),
    }
}

/// Whether no question is before the class: what happens is not to be seen by a slip of the hand.
fn is_not_asked(app: &App) -> Result<(), String> {
    let asked = app.present.as_ref().is_some_and(|presenting| super::phase(presenting.beat).is_some());
    if asked { Err("the class is being asked; Enter goes on".into()) } else { Ok(()) }
}

/// Whether the clock may move.
pub fn can_move(app: &App) -> Result<(), String> {
    is_not_asked(app)?;
    moves::can_move(app)
}

/// Whether there is something to go back to.
pub fn can_go_back(app: &App) -> Result<(), String> {
    can_move(app)?;
    moves::can_go_back(app)
}

/// To a mark of this page, or to a run of its table.
pub fn jump(app: &mut App, key: Key) {
    let Some(digit) = key.typed().and_then(|c| c.to_digit(10)).filter(|digit| *digit > 0) else { return };
    let Some(lab) = app.lab_mut() else { return };
    let (wanted, marks) = (digit as usize - 1, lab.walk.step().marks.len());
    if matches!(lab.walk.step().kind, StepKind::Measure(_)) {
        if let Some(presenting) = &mut app.present {
            presenting.one_run = true;
        }
        return learn::choose(app, wanted);
    }
    if wanted >= marks {
        return app.refuse(format!("this page has {marks} marks"));
    }
    lab.pace.pause();
    let go = move |course: &mut Course| to_mark(&mut course.walk, wanted);
    course::work(app, "to that mark", go, |app, there| match there {
        Ok(Some(halt)) => {
            show(app, Beat::Run);
            app.lab_mut().into_iter().for_each(|lab| lab.halted(&halt));
        }
        Ok(None) => app.refuse("the run does not come to that mark"),
        Err(why) => app.refuse(why),
    });
}

/// From the start of the step to one of its marks.
fn to_mark(walk: &mut Walk, wanted: usize) -> Result<Option<Halt>, String> {
    if walk.is_locked() {
        walk.tell_option()?;
    }
    while walk.back_to_stop().is_some() {}
    for _ in 0..=walk.step().marks.len() {
        match walk.advance(TO_THE_STOP).halt {
            Some(Halt::Mark(mark)) if mark == wanted => return Ok(Some(Halt::Mark(mark))),
            Some(Halt::Mark(_)) => {}
            _ => return Ok(None),
        }
    }
    Ok(None)
}

/// Whether somebody is to be let in.
pub fn can_share(app: &App) -> Result<(), String> {
    let poll =
        app.present.as_ref().and_then(|presenting| presenting.poll.as_ref()).ok_or("nobody votes from a phone: present with --vote")?;
    if poll.turns_away() { Ok(()) } else { Err("no phone is turned away".into()) }
}

/// Lets phones in that share one address.
pub fn share(app: &mut App, _key: Key) {
    if let Some(presenting) = &mut app.present
        && let Some(poll) = &mut presenting.poll
    {
        poll.share();
        presenting.noticed = poll.notice();
    }
    app.say("any number of phones may vote from one address now");
}

/// Opens the list of pages.
pub fn pages(app: &mut App, _key: Key) {
    pause(app);
    let Some(presenting) = &mut app.present else { return };
    presenting.black = false;
    app.over = Some(Over::Pages(presenting.page));
}

/// Opens the page in this row of the list.
pub(super) fn to_page(app: &mut App, page: usize) {
    app.over = None;
    open_page(app, page);
}

/// One more hint.
pub fn hint(app: &mut App, key: Key) {
    learn::hint(app, key);
    show(app, Beat::Run);
}

/// The solution from the start of the step.
pub fn solution(app: &mut App, key: Key) {
    carry_out(app, Deed::Solve, key);
}

/// Plays, or pauses. What is still to be said and asked comes first.
pub fn play(app: &mut App, key: Key) {
    if shows_again(app) {
        return;
    }
    if app.lab().is_some_and(|lab| !lab.pace.playing() && said::plays(lab)) {
        time_passes(app);
    }
    moves::play(app, key);
}
