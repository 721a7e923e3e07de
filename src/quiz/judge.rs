//! Whether an answer is right, and which part of it is not.

use std::collections::BTreeSet;

use crate::lesson::question::{Number, QuestionKind};
use crate::lesson::schema::Alternative;

use super::card::Card;
use super::drill::cure::{Effect, Tried};
use super::goal::{self, Brought};

/// What a learner answers. Indices are those of the question, not of the screen.
#[derive(Clone, Debug, PartialEq)]
pub enum Reply {
    /// This option.
    One(usize),
    /// These options.
    Several(BTreeSet<usize>),
    /// This number.
    Number(f64),
    /// The things in this order.
    Order(Vec<usize>),
    /// In words; these points were among them, as the learner says.
    Points(BTreeSet<usize>),
    /// The learner fared so with a goal.
    Brought(Brought),
    /// This cure of the learner's own was tried.
    Cured(Tried),
}

/// How it is with one option, thing or point.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Mark {
    /// Chosen, placed or named, and rightly so.
    Right,
    /// Chosen, and wrong; or not at its place.
    Wrong,
    /// Right, and not chosen or not named.
    Missed,
    /// Not chosen, and rightly so.
    Left,
}

/// What there is to say of an answer.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Judged {
    /// Whether it is right.
    pub right: bool,
    /// Whether it is right in good part: it counts as known with help.
    pub partly: bool,
    /// Whether it was done in the best way that is known, without help.
    pub best: bool,
    /// One mark for each option, thing or point.
    pub marks: Vec<Mark>,
    /// What is said of the whole, where there are no parts: why a number is wrong, and why the right one is it.
    pub why: Vec<String>,
    /// The answer in words, for the log.
    pub said: String,
    /// The misconceptions that wrong parts of it stand for.
    pub beliefs: Vec<String>,
}

/// Judges an answer to a card. An answer of another kind than is asked for is wrong.
pub fn judge(card: &Card, reply: &Reply) -> Judged {
    let said = said(card, reply);
    match (&card.question.kind, reply) {
        (QuestionKind::Choice(options) | QuestionKind::Predict { options, .. }, Reply::One(one)) => {
            let judged = one_of(options, *one, said);
            // A list of cures is help: it says what there is.
            Judged { partly: judged.right && card.remedies.is_some(), ..judged }
        }
        (QuestionKind::Several(options), Reply::Several(several)) => chosen(options, several, said),
        (QuestionKind::Number(number), Reply::Number(answer)) => counted(number, *answer, said),
        (QuestionKind::Order(items), Reply::Order(order)) => ordered(items.len(), order, said),
        (QuestionKind::Recall { points, .. }, Reply::Points(named)) => named_points(points.len(), named, said),
        (QuestionKind::Goal(goal), Reply::Brought(brought)) => goal::judged(goal, brought),
        (QuestionKind::Choice(options), Reply::Cured(tried)) => cured(options, tried, said),
        _ => Judged { said, ..Judged::default() },
    }
}

/// A cure that helps and is too large counts as found with help.
fn cured(options: &[Alternative], tried: &Tried, said: String) -> Judged {
    let listed = |index: &usize| options.get(*index).map_or_else(String::new, |option| option.why.clone());
    let (right, partly, why) = match &tried.effect {
        Effect::Remains(now) => (false, false, format!("It happens all the same: {now}.")),
        Effect::Halts(why) => (false, false, format!("With this the run does not come to its end: {why}.")),
        Effect::Breaks(what) => (false, false, format!("The symptom is gone, but {what}.")),
        Effect::Spare(poke) => (true, true, format!("It is cured, and would be without `{poke}`.")),
        Effect::Dear(index) => (true, true, listed(index)),
        Effect::Listed(_) => (true, false, "It is cured, and the list has nothing smaller.".to_string()),
        Effect::Helps => (true, false, "It is cured. Nothing else is broken, and nothing of it can be left out.".to_string()),
    };
    let own = match &tried.effect {
        Effect::Dear(index) | Effect::Listed(index) => Some(*index),
        _ => None,
    };
    let mark = |(index, option): (usize, &Alternative)| match (option.right, own == Some(index)) {
        (true, true) => Mark::Right,
        (true, false) if !right || partly => Mark::Missed,
        _ => Mark::Left,
    };
    let marks = options.iter().enumerate().map(mark).collect();
    Judged { right, partly, marks, why: vec![why], said, ..Judged::default() }
}

/// One is to be chosen. Where several are right, any of them is.
fn one_of(options: &[Alternative], one: usize, said: String) -> Judged {
    let mut judged = chosen(options, &BTreeSet::from([one]), said);
    judged.right = judged.marks.get(one) == Some(&Mark::Right);
    if judged.right {
        judged.marks.iter_mut().filter(|mark| **mark == Mark::Missed).for_each(|mark| *mark = Mark::Left);
    }
    judged
}

fn chosen(options: &[Alternative], picked: &BTreeSet<usize>, said: String) -> Judged {
    let mark = |(index, option): (usize, &Alternative)| match (picked.contains(&index), option.right) {
        (true, true) => Mark::Right,
        (true, false) => Mark::Wrong,
        (false, true) => Mark::Missed,
        (false, false) => Mark::Left,
    };
    let marks: Vec<Mark> = options.iter().enumerate().map(mark).collect();
    let right = marks.iter().all(|mark| matches!(mark, Mark::Right | Mark::Left));
    let wrong = options.iter().zip(&marks).filter(|(_, mark)| **mark == Mark::Wrong);
    let beliefs = wrong.filter_map(|(option, _)| option.belief.clone()).collect();
    Judged { right, marks, said, beliefs, ..Judged::default() }
}

fn counted(number: &Number, answer: f64, said: String) -> Judged {
    let right = number.accepts(answer);
    // What comes nearest, so that a slip of rounding is still told what is wrong with it.
    let near = |wrong: f64| (wrong - answer).abs() <= number.tolerance.max(answer.abs() * 1e-9);
    let known = number.wrong.iter().find(|wrong| !right && near(wrong.answer));
    let why = known.map(|wrong| wrong.why.clone()).into_iter().chain([number.why.clone()]).collect();
    let beliefs = known.and_then(|wrong| wrong.belief.clone()).into_iter().collect();
    Judged { right, why, said, beliefs, ..Judged::default() }
}

fn ordered(count: usize, order: &[usize], said: String) -> Judged {
    let placed: BTreeSet<usize> = longest_rising(order).into_iter().collect();
    let marks: Vec<Mark> = (0..count).map(|index| if placed.contains(&index) { Mark::Right } else { Mark::Wrong }).collect();
    let right = order.len() == count && placed.len() == count;
    Judged { right, marks, said, ..Judged::default() }
}

/// The points are judged by the learner: all of them is right, half of them is in good part.
fn named_points(count: usize, named: &BTreeSet<usize>, said: String) -> Judged {
    let marks: Vec<Mark> = (0..count).map(|index| if named.contains(&index) { Mark::Right } else { Mark::Missed }).collect();
    let known = marks.iter().filter(|mark| **mark == Mark::Right).count();
    let right = known * 2 >= count;
    Judged { right, partly: right && known < count, marks, said, ..Judged::default() }
}

/// The longest part of a list that rises, by dropping the fewest: the others are out of place.
fn longest_rising(list: &[usize]) -> Vec<usize> {
    // The best that ends with each, for lists as short as these.
    let mut best: Vec<Vec<usize>> = Vec::new();
    for (at, item) in list.iter().enumerate() {
        let before = best[..at].iter().filter(|rising| rising.last().is_some_and(|last| last < item));
        let mut longest = before.max_by_key(|rising| rising.len()).cloned().unwrap_or_default();
        longest.push(*item);
        best.push(longest);
    }
    best.into_iter().max_by_key(Vec::len).unwrap_or_default()
}

fn said(card: &Card, reply: &Reply) -> String {
    let list = |all: &mut dyn Iterator<Item = &usize>| all.map(|index| card.part(*index)).collect::<Vec<_>>().join("; ");
    match reply {
        Reply::One(one) => card.part(*one).to_string(),
        Reply::Several(several) | Reply::Points(several) => list(&mut several.iter()),
        Reply::Order(order) => list(&mut order.iter()),
        Reply::Number(number) => number.to_string(),
        // A goal is judged by how it was reached, and said so.
        Reply::Brought(_) => String::new(),
        Reply::Cured(tried) => tried.pokes.iter().map(ToString::to_string).collect::<Vec<_>>().join("; "),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::quiz::testing::{card, set};
    use proptest::prelude::*;

    #[test]
    fn a_choice_is_marked_at_the_chosen_and_at_the_right_one() {
        let card = card("failover-limits", "q-timeout");
        let wrong = judge(&card, &Reply::One(0));
        assert!(!wrong.right);
        assert_eq!(wrong.marks, [Mark::Wrong, Mark::Left, Mark::Missed, Mark::Left]);
        assert_eq!(wrong.said, "A shorter timeout, so that failover is done sooner");
        assert!(judge(&card, &Reply::One(2)).right);
    }

    #[test]
    fn a_wrong_option_names_its_belief() {
        let card = card("failover-limits", "q-redis");
        assert_eq!(judge(&card, &Reply::One(0)).beliefs, ["m24"]);
        assert!(judge(&card, &Reply::One(2)).beliefs.is_empty());
    }

    #[test]
    fn several_are_right_only_together() {
        let card = card("failover-limits", "q-fencing");
        assert!(judge(&card, &Reply::Several(set([0, 2, 4]))).right);
        let half = judge(&card, &Reply::Several(set([0, 1])));
        assert!(!half.right);
        assert_eq!(half.marks, [Mark::Right, Mark::Wrong, Mark::Missed, Mark::Left, Mark::Missed]);
        assert!(!judge(&card, &Reply::Several(set([]))).right);
    }

    #[test]
    fn a_wrong_number_is_told_what_it_is() {
        let card = card("replication-lag", "q-mm1");
        assert!(judge(&card, &Reply::Number(4.1)).right, "within the tolerance");
        let busy = judge(&card, &Reply::Number(80.0));
        assert!(!busy.right && busy.why[0].contains("how busy it is") && busy.why[1].contains("r / (1 - r)"), "{busy:?}");
        assert_eq!(judge(&card, &Reply::Number(17.0)).why.len(), 1);
    }

    #[test]
    fn what_is_out_of_order_is_the_least_that_has_to_move() {
        let card = card("cap-theorem", "q-order");
        let one_moved = judge(&card, &Reply::Order(vec![1, 2, 3, 0]));
        assert!(!one_moved.right);
        assert_eq!(one_moved.marks, [Mark::Wrong, Mark::Right, Mark::Right, Mark::Right]);
        assert!(judge(&card, &Reply::Order(vec![0, 1, 2, 3])).right);
        assert!(!judge(&card, &Reply::Order(vec![0, 1, 2])).right, "one is missing");
    }

    #[test]
    fn recall_is_right_with_all_points_and_in_part_with_half() {
        let card = card("replication-lag", "q-eventual");
        let judged = |points: &[usize]| judge(&card, &Reply::Points(points.iter().copied().collect()));
        assert!(judged(&[0, 1, 2, 3]).right && !judged(&[0, 1, 2, 3]).partly);
        assert!(judged(&[0, 3]).right && judged(&[0, 3]).partly);
        assert!(!judged(&[0]).right);
        assert_eq!(judged(&[1]).marks, [Mark::Missed, Mark::Right, Mark::Missed, Mark::Missed]);
    }

    proptest! {
        #[test]
        fn the_rising_part_rises_and_no_longer_one_is_there(list in Just((0..6usize).collect::<Vec<_>>()).prop_shuffle()) {
            let rising = longest_rising(&list);
            prop_assert!(rising.is_sorted());
            let longest = (0..64u32)
                .map(|pick| list.iter().enumerate().filter(|(i, _)| pick >> i & 1 == 1).map(|(_, x)| *x).collect::<Vec<_>>())
                .filter(|part| part.is_sorted())
                .map(|part| part.len())
                .max();
            prop_assert_eq!(Some(rising.len()), longest);
        }
    }
}
