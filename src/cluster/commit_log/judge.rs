//! What the cluster can be held to.

use crate::check::verdict::{Guarantee, GuaranteeDoc, Holds, Verdict, Verdicts};
use crate::cluster::live::Live;
use crate::persistent::OrdSet;
use crate::sim::id::RequestId;

use super::CommitLog;
use super::groups::Tally;
use super::log::place;
use super::record::Group;
use super::watch::{Mirror, Watch};

const ACKED_KEPT: Guarantee = Guarantee::new(&GuaranteeDoc { id: "acked_kept", about: "No acknowledged record is lost.", of_state: true });
const PARTITION_ORDER: Guarantee = Guarantee::new(&GuaranteeDoc {
    id: "partition_order",
    about: "The records of a producer stand in each partition in the order in which it sent them.",
    of_state: true,
});
const KEY_ORDER: Guarantee = Guarantee::new(&GuaranteeDoc {
    id: "key_order",
    about: "Each group processes the records of a producer and a key in the order in which they were sent.",
    of_state: true,
});
const NO_DUPLICATES: Guarantee =
    Guarantee::new(&GuaranteeDoc { id: "no_duplicates", about: "No record stands in the log twice.", of_state: true });
const AT_LEAST_ONCE: Guarantee = Guarantee::new(&GuaranteeDoc {
    id: "at_least_once",
    about: "No group passes over an acknowledged record that nobody processes.",
    of_state: true,
});
const AT_MOST_ONCE: Guarantee =
    Guarantee::new(&GuaranteeDoc { id: "at_most_once", about: "No group processes a record twice.", of_state: true });
const READS_KEPT: Guarantee =
    Guarantee::new(&GuaranteeDoc { id: "reads_kept", about: "No record that a consumer has read vanishes from the log.", of_state: true });

/// Every guarantee, in the order of the screen.
pub(super) static GUARANTEES: [Guarantee; 7] =
    [ACKED_KEPT, PARTITION_ORDER, KEY_ORDER, NO_DUPLICATES, AT_LEAST_ONCE, AT_MOST_ONCE, READS_KEPT];

/// Judges all of them.
pub(super) fn judge(live: &Live<CommitLog>) -> Verdicts {
    let watch = live.watched();
    let (written, processed) = (watch.counts.acked > 0, watch.groups.values().any(|tally| !tally.processed.is_empty()));
    let nothing = "No record has been acknowledged yet.";
    let unread = "No record has been processed yet.";
    vec![
        verdict(ACKED_KEPT, watch.lost.get_min().copied().map(|it| (lost(watch, it), vec![it])), (written, nothing)),
        verdict(PARTITION_ORDER, reordered(watch), (written, nothing)),
        verdict(KEY_ORDER, swapped(watch), (processed, unread)),
        verdict(NO_DUPLICATES, doubled(watch), (written, nothing)),
        verdict(AT_LEAST_ONCE, of_groups(watch, |tally| &tally.skipped, "passed over"), (processed || passed(watch), unread)),
        verdict(AT_MOST_ONCE, of_groups(watch, |tally| &tally.again, "processed twice"), (processed, unread)),
        verdict(READS_KEPT, vanished(watch), (processed, unread)),
    ]
}

/// A break as a sentence, with the requests that show it.
type Break = (String, Vec<RequestId>);

fn verdict(guarantee: Guarantee, broken: Option<Break>, (tested, untested): (bool, &str)) -> Verdict {
    let (holds, why, witness) = match broken {
        Some((why, witness)) => (Holds::No, why, witness.into_iter().map(|request| request.0).collect()),
        None if tested => (Holds::Yes, String::new(), Vec::new()),
        None => (Holds::Untested, untested.to_string(), Vec::new()),
    };
    Verdict { guarantee, holds, why, witness }
}

/// A record in words: its sender and key.
fn record(watch: &Watch, request: RequestId) -> String {
    match watch.sent.get(request.0) {
        Some(sent) => sent.key.as_ref().map_or_else(|| format!("a record of {}", sent.client), |key| format!("a record of {key}")),
        None => "a record".to_string(),
    }
}

fn lost(watch: &Watch, request: RequestId) -> String {
    format!("{} was acknowledged, and is not in the log of the leader.", capital(&record(watch, request)))
}

fn capital(text: &str) -> String {
    let mut letters = text.chars();
    letters.next().map_or_else(String::new, |first| first.to_uppercase().chain(letters).collect())
}

fn reordered(watch: &Watch) -> Option<Break> {
    let (late, before) = watch.parts.values().find_map(|mirror| mirror.reordered.iter().next())?;
    let who = capital(&record(watch, *late));
    Some((format!("{who} stands behind one that was sent later, in the same partition."), vec![*late, *before]))
}

fn swapped(watch: &Watch) -> Option<Break> {
    let (group, (late, before)) = watch.groups.iter().find_map(|(group, tally)| Some((group, tally.swapped.iter().next()?)))?;
    let who = capital(&record(watch, *late));
    Some((format!("{who} was processed by {group} after one that was sent later."), vec![*late, *before]))
}

fn doubled(watch: &Watch) -> Option<Break> {
    let double = |mirror: &Mirror| mirror.duplicates.get_min().and_then(|offset| mirror.places.get(place(*offset)));
    let request = watch.parts.values().find_map(double)?;
    Some((format!("{} stands in the log twice.", capital(&record(watch, request))), vec![request]))
}

fn of_groups(watch: &Watch, of: impl Fn(&Tally) -> &OrdSet<RequestId>, how: &str) -> Option<Break> {
    let first = |(group, tally): (&Group, &Tally)| of(tally).get_min().map(|request| (*group, *request));
    let (group, request) = watch.groups.iter().find_map(first)?;
    Some((format!("{} was {how} by {group}.", capital(&record(watch, request))), vec![request]))
}

fn passed(watch: &Watch) -> bool {
    watch.groups.values().any(|tally| !tally.skipped.is_empty())
}

fn vanished(watch: &Watch) -> Option<Break> {
    let request = *watch.vanished.get_min()?;
    Some((format!("{} was read, and is not in the log of the leader.", capital(&record(watch, request))), vec![request]))
}
