use proptest::prelude::*;

use super::*;
use crate::algo::version::Dot;

type Count = Counter<u8>;
type Set = AddWins<u8, char>;

/// The copies of one thing, each at its actor, changed apart and brought together now and then.
#[derive(Clone, Copy, Debug)]
enum Step {
    /// An actor adds so much, or takes it.
    Count(u8, i64),
    /// An actor puts an item in, or takes it out.
    Put(u8, char),
    Take(u8, char),
    /// An actor learns what another one knows.
    Meet(u8, u8),
}

const ACTORS: u8 = 3;

fn step() -> impl Strategy<Value = Step> {
    let item = || prop_oneof![Just('a'), Just('b')];
    prop_oneof![
        (0..ACTORS, -3i64..=3).prop_map(|(actor, n)| Step::Count(actor, n)),
        (0..ACTORS, item()).prop_map(|(actor, item)| Step::Put(actor, item)),
        (0..ACTORS, item()).prop_map(|(actor, item)| Step::Take(actor, item)),
        (0..ACTORS, 0..ACTORS).prop_map(|(a, b)| Step::Meet(a, b)),
    ]
}

/// What the copies are after some steps.
fn copies(steps: &[Step]) -> Vec<(Count, Set)> {
    let mut all = vec![(Count::default(), Set::default()); ACTORS.into()];
    for (number, step) in (1..).zip(steps) {
        match *step {
            Step::Count(actor, n) => {
                let delta = all[usize::from(actor)].0.plus(actor, n);
                all[usize::from(actor)].0.join(&delta);
            }
            Step::Put(actor, item) => all[usize::from(actor)].1.join(&Set::with(item, Dot { actor, counter: number })),
            Step::Take(actor, item) => {
                let delta = all[usize::from(actor)].1.without(&item);
                all[usize::from(actor)].1.join(&delta);
            }
            Step::Meet(a, b) => {
                let (count, set) = all[usize::from(b)].clone();
                all[usize::from(a)].0.join(&count);
                all[usize::from(a)].1.join(&set);
            }
        }
    }
    all
}

fn joined(all: &[&(Count, Set)]) -> (Count, Set) {
    all.iter().fold((Count::default(), Set::default()), |(mut count, mut set), (c, s)| {
        count.join(c);
        set.join(s);
        (count, set)
    })
}

proptest! {
    #[test]
    fn joins_are_commutative_associative_and_idempotent(steps in proptest::collection::vec(step(), 0..40)) {
        let all = copies(&steps);
        let [a, b, c] = &all[..] else { unreachable!("three actors") };
        prop_assert_eq!(joined(&[a, b]), joined(&[b, a]));
        let (left, right) = (joined(&[&joined(&[a, b]), c]), joined(&[a, &joined(&[b, c])]));
        prop_assert_eq!(&left, &right);
        prop_assert_eq!(&joined(&[a, a]), a);
        prop_assert_eq!(&joined(&[&left, a]), &left);
    }

    /// However the copies meet, in the end the sum is what all added and took, each once.
    #[test]
    fn the_sum_is_what_was_added(steps in proptest::collection::vec(step(), 0..40)) {
        let all = copies(&steps);
        let counted: i64 = steps.iter().map(|step| if let Step::Count(_, n) = step { *n } else { 0 }).sum();
        prop_assert_eq!(joined(&all.iter().collect::<Vec<_>>()).0.value(), counted);
    }
}

#[test]
fn an_addition_beats_a_removal_that_has_not_seen_it() {
    let both = Set::with('a', Dot { actor: 0, counter: 1 });
    let (mut here, mut there) = (both.clone(), both.clone());
    here.join(&both.without(&'a'));
    there.join(&Set::with('a', Dot { actor: 1, counter: 1 }));
    assert!(!here.contains(&'a') && there.contains(&'a'));
    here.join(&there);
    assert_eq!(here.items().collect::<Vec<_>>(), [&'a'], "the second addition was not seen");
    here.join(&both);
    assert_eq!(here.items().count(), 1);
    let gone = here.without(&'a');
    here.join(&gone);
    assert!(!here.contains(&'a') && !here.is_unused());
}

/// A removal may come before the addition that it has seen elsewhere.
#[test]
fn a_removal_remembers_what_it_removed() {
    let added = Set::with('a', Dot { actor: 0, counter: 1 });
    let mut late = added.without(&'a');
    late.join(&added);
    assert_eq!(late.items().count(), 0);
}

/// The mistake that is often made: the greatest of two totals forgets what the other side counted.
#[test]
fn totals_must_not_be_merged_by_the_greatest() {
    let (mut here, there) = (Count::default().plus(0, 100), Count::default().plus(1, 100));
    assert_eq!(here.value().max(there.value()), 100);
    here.join(&there);
    assert_eq!(here.value(), 200);
}

#[test]
fn a_counter_ends_at_the_bounds_of_its_type() {
    let mut most = Count::default().plus(0, i64::MAX);
    most.join(&most.plus(0, i64::MAX));
    assert_eq!(most.value(), i64::MAX);
    assert_eq!(Count::default().plus(0, i64::MIN).value(), i64::MIN);
}
