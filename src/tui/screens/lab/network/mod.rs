//! The learner is the network: time stands still, messages wait, and what can happen next is chosen from a list. Every choice is a command.

mod draw;
#[cfg(test)]
mod tests;

use super::layout::Panel;
use super::{Lab, course, learn, pokes};
use crate::cluster::What;
use crate::cluster::ahead::{self, Thing, said};
use crate::cluster::scene::FlightView;
use crate::cluster::tell::Names;
use crate::command::{Command, Poke};
use crate::lesson::walk::Halt;
use crate::sim::id::MsgId;
use crate::tui::app::App;
use crate::tui::keys::Key;
use crate::tui::screens::palette;
use crate::tui::widgets::Target;

pub use draw::{doors, draw};

/// The place in the list of what can happen next.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Place {
    row: usize,
    /// What stood there: it keeps the cursor while other things come and go.
    thing: Option<Thing>,
}

/// How far a page goes.
const PAGE: isize = 10;

impl Lab {
    /// Whether the learner is the network: it was asked for, and messages wait at this moment of the run.
    pub(in crate::tui) fn is_network(&self) -> bool {
        self.network.is_some() && !self.walk.stage().is_two() && self.picture().ahead.holds
    }

    /// Everything that can happen next.
    pub(in crate::tui) fn nexts(&self) -> Vec<ahead::Next> {
        let picture = self.picture();
        picture.ahead.choices(self.run().at(), &Names::on(&picture.scene))
    }

    /// The row of the list that has the cursor.
    fn next_row(&self, all: &[ahead::Next]) -> Option<usize> {
        let place = self.network.as_ref()?;
        let same = place.thing.as_ref().and_then(|thing| all.iter().position(|next| next.thing == *thing));
        // What stood there is gone: the next that can be chosen, or else the nearest before it.
        let open = |row: &usize| all[*row].refused.is_none();
        let from = place.row.min(all.len());
        same.or_else(|| (from..all.len()).find(open)).or_else(|| (0..from).rev().find(open))
    }

    /// Moves in the list.
    pub(super) fn point_at_next(&mut self, by: isize) {
        let all = self.nexts();
        let Some(row) = self.next_row(&all) else { return };
        self.point_at_row(&all, row.saturating_add_signed(by));
    }

    fn point_at_row(&mut self, all: &[ahead::Next], row: usize) {
        let Some(last) = all.len().checked_sub(1) else { return };
        let row = row.min(last);
        self.network = Some(Place { row, thing: Some(all[row].thing.clone()) });
    }

    /// What is chosen: of the list, or the message that is selected on the stage.
    fn chosen_next(&self) -> Result<ahead::Next, String> {
        let all = self.nexts();
        match (self.focus, self.selected) {
            (Panel::Network | Panel::Timeline, _) => {}
            (Panel::Stage, Some(Target::Message(id))) => {
                let of = all.into_iter().find(|next| next.thing == Thing::Message(id));
                return of.ok_or_else(|| format!("{id} waits behind others"));
            }
            (Panel::Stage, Some(_)) => return Err("this is no message; Esc leads back to the list".into()),
            _ => return Err("Esc leads back to the list of what can happen next".into()),
        }
        let row = self.next_row(&all).ok_or("nothing can happen next: ask something, or N lets messages flow again")?;
        all.into_iter().nth(row).ok_or_else(|| "nothing is chosen".to_string())
    }

    /// What the row that has the cursor is about.
    pub(super) fn chosen_thing(&self) -> Option<Thing> {
        self.chosen_next().ok().map(|next| next.thing)
    }

    /// The command of the row that has the cursor.
    pub(in crate::tui) fn chosen_command(&self) -> Option<String> {
        self.chosen_next().ok().map(|next| next.command.to_string())
    }

    /// Whether the card has the keyboard, or could, and what it asks for is reached by choosing from the list.
    pub(super) fn reads_before_the_list(&self) -> bool {
        self.is_network() && self.next() == learn::Next::Reach
    }

    /// Opens the list at its start.
    pub(in crate::tui) fn become_network(&mut self) {
        self.pace.pause();
        self.network = Some(Place::default());
        (self.focus, self.selected, self.knob) = (Panel::Network, None, None);
    }
}

/// Whether the learner can be the network here.
pub fn can_be(app: &App) -> Result<(), String> {
    let Some(lab) = app.lab() else { return Ok(()) };
    if lab.walk.stage().is_two() {
        return Err("here are two designs, and nobody can be two networks; leave the comparison first".into());
    }
    lab.may_move()
}

/// Takes the messages into the learner's hands, or lets them flow again.
pub fn toggle(app: &mut App, _key: Key) {
    let Some(lab) = app.lab_mut() else { return };
    lab.pace.pause();
    if lab.is_network() {
        let waiting = lab.picture().ahead.waiting;
        return pokes::command(app, &Command::Poke(Poke::ReleaseInOrder), move |app, done| {
            if let Err(why) = done {
                return app.refuse(why);
            }
            app.lab_mut().into_iter().for_each(Lab::leave_network);
            app.say(format!("release all in order: {}", went_on(waiting)));
        });
    }
    if lab.picture().ahead.holds {
        lab.become_network();
        return;
    }
    pokes::command(app, &Command::Poke(Poke::HoldAll), |app, done| {
        if let Err(why) = done {
            return app.refuse(why);
        }
        app.lab_mut().into_iter().for_each(Lab::become_network);
        app.say("hold all: you are the network. Time stands still, and messages wait for you");
    });
}

fn went_on(waiting: usize) -> String {
    match waiting {
        0 => "messages flow by themselves again".to_string(),
        1 => "the message that waited goes on as time passes".to_string(),
        many => format!("the {many} messages that waited go on as time passes, each wire in its order"),
    }
}

impl Lab {
    fn leave_network(&mut self) {
        self.network = None;
        if self.focus == Panel::Network {
            self.focus = Panel::Question;
        }
    }
}

/// Lets the chosen thing happen; in another part of the screen, what Enter does there. From a card whose goal is not reached it leads to
/// the list, which is the way to reach it.
pub fn take(app: &mut App, key: Key) {
    let Some(lab) = app.lab_mut() else { return };
    if lab.focus == Panel::Question && lab.reads_before_the_list() {
        lab.focus = Panel::Network;
        return;
    }
    let chooses = match lab.focus {
        Panel::Network | Panel::Timeline => true,
        Panel::Stage => lab.selected.is_some(),
        Panel::Question | Panel::Guarantees | Panel::Log => false,
    };
    if !chooses {
        return learn::go_on(app, key);
    }
    match lab.chosen_next() {
        Err(why) | Ok(ahead::Next { refused: Some(why), .. }) => app.refuse(why),
        Ok(next) => happen(app, next.command),
    }
}

/// Lets time pass until the next thing comes by itself.
pub fn pass(app: &mut App, _key: Key) {
    let Some(lab) = app.lab() else { return };
    match lab.picture().ahead.next_by_itself() {
        None => app.refuse("nothing comes by itself: only messages wait"),
        Some(command) => happen(app, command),
    }
}

/// Brings about what a command of the list says.
fn happen(app: &mut App, command: Command) {
    if let Command::Poke(poke) = command {
        return pokes::poke(app, &poke);
    }
    let Some(lab) = app.lab_mut() else { return };
    lab.go_on_from_here();
    let (what, held, before) = (said(&command), lab.goal.holds, Before::of(lab));
    let go = move |course: &mut course::Course| {
        let moved = course.walk.command(&command, None)?;
        Ok((moved.halt, course.walk.follow()))
    };
    course::work(app, what.clone(), go, move |app, done: Result<_, String>| match done {
        Err(why) | Ok((Some(Halt::Stuck(why)), _)) => app.refuse(why),
        Ok((halt, followed)) => {
            let effect = app.lab().map_or_else(String::new, |lab| before.effect(lab));
            app.say(format!("{what}{}{effect}", and_then(followed)));
            let Some(lab) = app.lab_mut() else { return };
            let news = halt.filter(|halt| *halt != Halt::Quiet).or_else(|| (lab.goal.holds && !held).then_some(Halt::Goal));
            if let Some(halt) = &news {
                lab.halted(halt);
            }
        }
    });
}

/// What there was before a choice, to tell what came of it.
pub struct Before {
    events: u64,
    newest: Option<MsgId>,
}

/// So many new messages are told by name.
const TOLD: usize = 2;

impl Before {
    /// Now.
    pub fn of(lab: &Lab) -> Before {
        Before { events: lab.run().events(), newest: lab.picture().scene.flights.iter().map(|flight| flight.id).max() }
    }

    /// What was lost and what was sent since: `; n3 sends vote to n2`. Nothing where the learner is no network any more.
    pub fn effect(&self, lab: &Lab) -> String {
        if !lab.is_network() {
            return String::new();
        }
        let names = Names::on(&lab.picture().scene);
        let lately = lab.picture().happenings().iter().rev().take_while(|happened| happened.event > self.events);
        let lost = lately.filter_map(|happened| match &happened.what {
            What::Lost { id, why, .. } => Some(format!("; {id} is lost: {why}")),
            _ => None,
        });
        let sent: Vec<&FlightView> = lab.picture().scene.flights.iter().filter(|flight| Some(flight.id) > self.newest).collect();
        let new = sent.iter().take(TOLD).map(|flight| {
            let what = if flight.label.is_empty() { flight.kind.word } else { &flight.label };
            format!("; {} sends {} {what} to {}", names.of(flight.from), flight.id, names.of(flight.to))
        });
        let more = sent.len().saturating_sub(TOLD);
        let more = (more > 0).then(|| format!("; {more} more are sent"));
        lost.take(TOLD).chain(new).chain(more).collect()
    }
}

/// What followed from a choice, as the command that does the same.
pub fn and_then(followed: u64) -> String {
    match followed {
        0 => String::new(),
        1 => ", then step".to_string(),
        many => format!(", then step {many}"),
    }
}

/// Does one of the commands beside the one that a row is chosen by.
fn beside(app: &mut App, none: &'static str, is_it: impl Fn(&Poke) -> bool) {
    let Some(lab) = app.lab() else { return };
    match lab.chosen_next().map(|next| next.thing.pokes().into_iter().find(is_it)) {
        Err(why) => app.refuse(why),
        Ok(None) => app.refuse(none),
        Ok(Some(poke)) => pokes::poke(app, &poke),
    }
}

/// Drops the chosen message.
pub fn drop(app: &mut App, _key: Key) {
    beside(app, "only a message can be dropped", |poke| matches!(poke, Poke::Drop(_)));
}

/// Sends a copy of the chosen message.
pub fn duplicate(app: &mut App, _key: Key) {
    beside(app, "only a message can be sent twice", |poke| matches!(poke, Poke::Duplicate(_)));
}

/// Lets the chosen timer go off at once.
pub fn fire(app: &mut App, _key: Key) {
    beside(app, "only a timer that has a name goes off", |poke| matches!(poke, Poke::Fire(..)));
}

/// Types the command that lets the chosen message come later by itself.
pub fn delay(app: &mut App, _key: Key) {
    let Some(lab) = app.lab() else { return };
    match lab.chosen_next() {
        Err(why) | Ok(ahead::Next { refused: Some(why), .. }) => app.refuse(why),
        Ok(ahead::Next { thing: Thing::Message(id), .. }) => palette::open_with(app, &format!("delay {id} ")),
        Ok(_) => app.refuse("only a message can be delayed"),
    }
}

/// Lets go of what is selected, and gives the keyboard back to the list.
pub fn back(app: &mut App, _key: Key) {
    let Some(lab) = app.lab_mut() else { return };
    if lab.focus == Panel::Network && lab.selected.is_none() {
        return app.refuse("N lets the messages flow again; q leads to the topics");
    }
    (lab.selected, lab.term, lab.focus) = (None, None, Panel::Network);
}

/// A page up in the list.
pub fn page_up(app: &mut App, _key: Key) {
    app.lab_mut().into_iter().for_each(|lab| lab.point_at_next(-PAGE));
}

/// A page down in the list.
pub fn page_down(app: &mut App, _key: Key) {
    app.lab_mut().into_iter().for_each(|lab| lab.point_at_next(PAGE));
}

/// To the first row.
pub fn first(app: &mut App, _key: Key) {
    app.lab_mut().into_iter().for_each(|lab| lab.point_at_next(isize::MIN));
}

/// To the last row.
pub fn last(app: &mut App, _key: Key) {
    app.lab_mut().into_iter().for_each(|lab| lab.point_at_next(isize::MAX));
}

/// Whether rows on the screen are those of the list.
pub fn lists(app: &App) -> bool {
    app.lab().is_some_and(|lab| lab.is_network() && !matches!(lab.focus, Panel::Guarantees | Panel::Stage))
}

/// A row was clicked: it has the cursor, and happens when it is clicked again.
pub fn on_row(app: &mut App, row: usize) {
    let Some(lab) = app.lab_mut() else { return };
    let all = lab.nexts();
    let again = lab.focus == Panel::Network && lab.next_row(&all) == Some(row);
    lab.focus = Panel::Network;
    lab.point_at_row(&all, row);
    if again {
        app.act("net-take");
    }
}
