//! The quiz, card by card: what is asked, an answer by numbers or words, how sure, what is right and why, and what comes when.

mod card;
mod last;
mod reply;

use super::answer::Answer;
use super::desk::{Desk, Purpose, play_to_the_end};
use super::log::{self, Moment};
use super::words::Place;
use super::{Plain, Room, home};
use crate::progress::{Event, State};
use crate::quiz::{Bank, Phase, Reply, Session, Stage, Turn, Wish, plan, sitting, staged};
use crate::review::{Day, Grade};
use crate::timeline::Brake;

pub(super) use card::confidence;
pub(super) use reply::{next, reply};

/// A sitting that is going on.
pub(super) struct Sitting {
    session: Session,
    title: String,
    /// The day, as it was when it began.
    today: Day,
    /// The cluster that the learner is at in between.
    desk: Option<Box<Desk>>,
}

impl Sitting {
    fn turn(&self) -> Option<&Turn> {
        self.session.turn()
    }

    pub(super) fn phase(&self) -> Option<Phase> {
        self.turn().map(|turn| turn.phase)
    }

    /// Where the words apply that are known now.
    pub(super) fn place(&self) -> Place {
        match (&self.desk, self.phase()) {
            (Some(desk), _) if desk.purpose == Purpose::Bench => Place::Bench,
            (Some(_), _) => Place::Seen,
            (None, Some(Phase::Told)) => Place::Told,
            (None, Some(_)) => Place::Card,
            (None, None) => Place::Last,
        }
    }

    /// The cluster that the learner is at.
    pub(super) fn desk(&mut self) -> Option<&mut Desk> {
        self.desk.as_deref_mut()
    }

    /// What happened since this was asked last, for the log.
    pub(super) fn take_events(&mut self) -> Vec<Event> {
        self.session.take_events()
    }
}

/// The sitting, where there is one.
fn sitting(plain: &mut Plain) -> Option<&mut Sitting> {
    if let Room::Quiz(sitting) = &mut plain.room { Some(sitting) } else { None }
}

/// Starts with what is due.
pub(super) fn start_due(plain: &mut Plain) {
    start(plain, &Wish::default());
}

/// Starts with a topic; after a lesson with that of the lesson, else with what is due.
pub(super) fn start_about(plain: &mut Plain, topic: &str) {
    let wish = match &plain.room {
        Room::Lesson(id, desk) if topic.is_empty() && desk.is_ended() => Wish::after(id),
        _ if topic.is_empty() => Wish::default(),
        _ => Wish { topic: Some(topic.to_string()), ..Wish::default() },
    };
    start(plain, &wish);
}

/// Starts with anything, without moving the schedule.
pub(super) fn cram(plain: &mut Plain, topic: &str) {
    let topic = Some(topic).filter(|topic| !topic.is_empty()).map(str::to_string);
    start(plain, &Wish { cram: true, topic, ..Wish::default() });
}

/// Starts a sitting. Says why not where there is nothing to ask.
pub(super) fn start(plain: &mut Plain, wish: &Wish) {
    let learner = plain.draw.unwrap_or_else(|| {
        let (learner, drawn) = sitting::learner(plain.store.state(), plain.store.now());
        plain.record(drawn);
        learner
    });
    let bank = Bank::of(&plain.catalogue);
    let (state, today) = (plain.store.state().clone(), plain.store.today());
    let items = plan(&bank, &state, today, wish, learner);
    if items.is_empty() {
        return plain.page.say(format!("Not done: {}", sitting::nothing(&bank, wish, "type cram")));
    }
    home::leave_room(plain);
    let title = sitting::title(&plain.catalogue, wish);
    plain.page.say(format!("Quiz: {title}. {} to answer.", crate::progress::today::counted(items.len(), "question")));
    if let Some(why) = sitting::leaves_out(&bank, &state, wish).filter(|_| plain.store.log().is_none()) {
        plain.page.say(why);
    }
    let session = Session::new(bank, items, learner, wish.cram);
    plain.room = Room::Quiz(Box::new(Sitting { session, title, today, desk: None }));
    go_on(plain);
}

/// Opens the next card, or says what was learnt.
fn go_on(plain: &mut Plain) {
    let state: State = plain.store.state().clone();
    let brake = Brake::of(plain.work);
    let Some(sitting) = sitting(plain) else { return };
    sitting.session.go_on(&state, &brake);
    if sitting.turn().is_some() { card(plain) } else { last::said(plain) }
}

/// Reads the card.
pub(super) fn card(plain: &mut Plain) {
    let Room::Quiz(sitting) = &plain.room else { return };
    let page = &mut plain.page;
    match sitting.turn() {
        Some(turn) => {
            card::asked(page, turn, sitting.session.place());
            whole_run(page, turn, plain.work);
            card::how(page, turn);
        }
        None => last::said(plain),
    }
}

/// What happened in the run that a card is about.
fn whole_run(page: &mut super::page::Page, turn: &Turn, work: u64) {
    if turn.card.stage != Stage::Whole || turn.phase == Phase::Told || !turn.earlier.is_empty() {
        return;
    }
    let Some(lesson) = staged::run_of(&turn.card) else { return };
    match Desk::start(lesson, Purpose::Seen, work) {
        Ok(mut desk) => {
            page.say("This is what happened:");
            play_to_the_end(&mut desk.walk);
            desk.walk.recollect();
            for line in log::since(&desk.walk, Moment::START, ["", ""]) {
                page.say(line);
            }
        }
        Err(lines) => lines.iter().for_each(|line| page.say(line)),
    }
}

/// Something was decided: what follows is said.
fn decided(plain: &mut Plain) {
    if sitting(plain).and_then(|sitting| sitting.phase()) == Some(Phase::Watching) {
        watch(plain);
    }
    let Room::Quiz(sitting) = &plain.room else { return };
    let Some(turn) = sitting.turn() else { return };
    match turn.phase {
        Phase::Asking => {
            card::asked(&mut plain.page, turn, sitting.session.place());
            card::how(&mut plain.page, turn);
        }
        Phase::Sure => card::how(&mut plain.page, turn),
        Phase::Points => card::points(&mut plain.page, turn),
        Phase::Told => {
            card::told(&mut plain.page, turn, sitting.session.comes_back());
            card::how(&mut plain.page, turn);
        }
        Phase::Watching => {}
    }
}

/// Plays what happens, now that something was said about it.
fn watch(plain: &mut Plain) {
    let work = plain.work;
    let Room::Quiz(sitting) = &mut plain.room else { return };
    let played = sitting.turn().and_then(|turn| {
        let (reply, _) = turn.judged.as_ref()?;
        let (lesson, option) = match reply {
            _ if turn.card.remedies.is_some() => {
                let (cure, option) = staged::chosen_cure(&turn.card, reply)?;
                (staged::cured(&turn.card, &cure)?, option)
            }
            Reply::One(option) => (staged::run_of(&turn.card)?, *option),
            _ => return None,
        };
        Some((Desk::start(lesson, Purpose::Seen, work), option))
    });
    match played {
        Some((Ok(mut desk), option)) => {
            plain.page.say("This is what happens:");
            let before = Moment::of(&desk.walk);
            if desk.walk.choose(option).is_ok() {
                play_to_the_end(&mut desk.walk);
            }
            desk.walk.recollect();
            for line in log::since(&desk.walk, before, ["", ""]) {
                plain.page.say(line);
            }
        }
        Some((Err(lines), _)) => lines.iter().for_each(|line| plain.page.say(line)),
        None => {}
    }
    if let Some(turn) = sitting.session.turn_mut() {
        turn.watched();
    }
}

/// Opens the cluster at which the card is answered.
fn bench(plain: &mut Plain) {
    let work = plain.work;
    let Some(lesson) = sitting(plain).and_then(|sitting| staged::bench_of(&sitting.turn()?.card)) else { return };
    at_cluster(plain, Desk::start(lesson, Purpose::Bench, work));
}

fn at_cluster(plain: &mut Plain, desk: Result<Desk, Vec<String>>) {
    match desk {
        Ok(mut desk) => {
            desk.card(&mut plain.page);
            if let Some(sitting) = sitting(plain) {
                sitting.desk = Some(Box::new(desk));
            }
        }
        Err(lines) => lines.iter().for_each(|line| plain.page.say(line)),
    }
}

/// Opens the cluster at the moment that shows the answer.
pub(super) fn see(plain: &mut Plain) {
    let work = plain.work;
    let Some(turn) = sitting(plain).and_then(|sitting| sitting.turn().cloned()) else { return };
    let card = &turn.card;
    if !staged::can_be_seen(card) {
        return plain.page.say("There is no run that shows it.");
    }
    let right = card.options().iter().position(|option| option.right);
    let desk = match staged::run_of(card) {
        Some(lesson) => Desk::start(lesson, Purpose::Seen, work).map(|mut desk| {
            match desk.walk.choose(right.unwrap_or(0)) {
                Ok(()) => _ = desk.walk.show_option(right.unwrap_or(0)),
                Err(_) => play_to_the_end(&mut desk.walk),
            }
            desk
        }),
        None => Desk::start((*card.lesson).clone(), Purpose::Seen, work).and_then(|mut desk| {
            desk.walk.go_to(card.question.step.unwrap_or(0)).map_err(|mistakes| mistakes.lines())?;
            Ok(desk)
        }),
    };
    at_cluster(plain, desk);
}

/// Back from a cluster to the card.
pub(super) fn back_to_the_card(plain: &mut Plain) {
    if let Some(sitting) = sitting(plain) {
        sitting.desk = None;
    }
    card(plain);
}

/// Hands in what was done at the cluster.
pub(super) fn hand_in(plain: &mut Plain) {
    let brake = Brake::of(plain.work);
    let Room::Quiz(sitting) = &mut plain.room else { return };
    let (Some(desk), Some(turn)) = (&sitting.desk, sitting.session.turn()) else { return };
    let reply = match turn.card.remedies.clone() {
        None => Reply::Brought(staged::brought(&desk.walk)),
        Some(remedies) => match remedies.attempt(&turn.card.lesson, staged::done(&desk.walk), &brake) {
            Ok(tried) => Reply::Cured(tried),
            Err(why) => return plain.page.say(format!("Not done: {why}")),
        },
    };
    sitting.desk = None;
    sitting.session.hand_in(reply);
    decided(plain);
}

/// The learner gives a goal up.
pub(super) fn give_up(plain: &mut Plain) {
    let Room::Quiz(sitting) = &mut plain.room else { return };
    if sitting.turn().is_none_or(|turn| turn.card.goal().is_none() || turn.phase != Phase::Asking) {
        return plain.page.say("Only a goal is given up; choose an answer here.");
    }
    let left = sitting.desk.take().map(|desk| staged::brought(&desk.walk)).unwrap_or_default();
    sitting.session.hand_in(Reply::Brought(crate::quiz::goal::Brought { pokes: None, ..left }));
    decided(plain);
}

/// Lists what may cure a report, to choose from.
pub(super) fn list(plain: &mut Plain) {
    let asks = |turn: &&mut Turn| turn.card.remedies.is_some() && turn.draft.is_by_hand(&turn.card);
    match sitting(plain).and_then(|sitting| sitting.session.turn_mut()).filter(asks) {
        Some(turn) => turn.draft.listed = true,
        None => return plain.page.say("There is a list where a cure is asked for."),
    }
    decided(plain);
}

/// A number, once it is told what is right: the reason of that row.
pub(super) fn row(plain: &mut Plain, answer: &Answer) {
    let Room::Quiz(sitting) = &plain.room else { return };
    let Some(turn) = sitting.turn() else { return plain.page.say("Type next or home for the topics.") };
    let rows = turn.draft.rows(&turn.card);
    match answer.numbers[..] {
        [number] if (1..=rows.len()).contains(&number) => {
            let index = rows[number - 1];
            plain.page.say(format!("{number}. {}", card::one_line(turn.card.part(index))));
            plain.page.markdown(&card::plain(turn.card.why(index)));
        }
        _ if rows.is_empty() => plain.page.say("There is nothing to choose here. Type next to go on."),
        _ => plain.page.say(format!("A number from 1 to {} says what there is to say of it. Type next to go on.", rows.len())),
    }
}

/// Gives the answer another grade.
pub(super) fn grade(plain: &mut Plain, grade: Grade) {
    let graded = sitting(plain).is_some_and(|sitting| sitting.session.regrade(grade));
    plain.page.say(if graded { format!("Graded: {}.", grade.word()) } else { "There is no answer to grade.".to_string() });
}

/// Takes the last answer back.
pub(super) fn undo(plain: &mut Plain) {
    if !sitting(plain).is_some_and(|sitting| sitting.session.can_undo() && sitting.session.undo()) {
        return plain.page.say("Nothing was answered yet.");
    }
    plain.page.say("Taken back: answer it again.");
    card(plain);
}
