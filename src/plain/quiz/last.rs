//! What was learnt in a sitting, and what comes when.

use super::card;
use crate::plain::{Plain, Room};
use crate::progress::today::when;
use crate::quiz::session::Learnt;

/// The most days that are counted out in the outlook.
const DAYS: usize = 7;

/// A heading, and what stands under it.
type Group = (&'static str, fn(&Learnt) -> bool);

/// What most needs to be seen comes first.
const GROUPS: [Group; 3] = [
    ("You were sure, and it is not so", |one| one.surprised),
    ("To look at again", |one| !one.surprised && !one.right),
    ("You know", |one| !one.surprised && one.right),
];

/// Says it.
pub(super) fn said(plain: &mut Plain) {
    plain.keep();
    let Room::Quiz(sitting) = &plain.room else { return };
    let (page, state, keeps) = (&mut plain.page, plain.store.state(), plain.store.log().is_some());
    let learnt = sitting.session.learnt(state, sitting.today);
    let right = learnt.iter().filter(|one| one.right && !one.mended).count();
    page.say(format!("This is the end of the quiz: {}.", sitting.title));
    page.say(if learnt.is_empty() { "Nothing was answered.".to_string() } else { format!("Right at once: {right} of {}.", learnt.len()) });
    for (title, holds) in GROUPS {
        for one in learnt.iter().filter(|one| holds(one)) {
            let due = one.due.filter(|_| keeps).map_or_else(String::new, |due| format!(" Asked again {}.", when(due, sitting.today)));
            let slippery = if one.slippery { " It is forgotten again and again." } else { "" };
            page.say(format!("{title}: {}{due}{slippery}", card::one_line(&one.asked)));
        }
    }
    if keeps && !sitting.session.is_cram() {
        let days = state.forecast::<DAYS>(sitting.today);
        let week: usize = days.iter().sum();
        page.say(format!("Due: today {}, tomorrow {}, in the next {DAYS} days {week}.", days[0], days[1]));
    }
    page.say("Type next or home for the topics.");
}
