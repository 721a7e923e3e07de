//! What one run may use: one bound for commands, lessons, replays and the screen.

use super::Cluster;

/// The most events of one run, pokes included.
pub const RUN_EVENTS_MAX: u64 = 20_000_000;
/// The most memory that one run may hold, in bytes, as [`Cluster::bytes`] counts them.
pub const RUN_BYTES_MAX: u64 = 256 << 20;
/// The most work of all runs of one command line, or of one small lesson file: events, and looks at conditions at their [`look`] price.
pub const WORK_MAX: u64 = 4_000_000;
/// Steps of a small lesson; what each step beyond them adds to its work; and how many steps count, so that a file has an end.
const STEPS: (usize, u64, usize) = (5, 400_000, 40);

/// The most work of all runs of one lesson file with so many steps.
pub const fn of_lesson(steps: usize) -> u64 {
    let (few, each, most) = STEPS;
    let counted = if steps < most { steps } else { most };
    WORK_MAX + each * counted.saturating_sub(few) as u64
}

/// Events from one count of the memory to the next. Divides the distance of checkpoints, at which runs are cut into pieces.
const COUNTED_EVERY: u64 = 64;

/// What one look at a condition costs that takes up to `steps` steps, in events.
pub const fn look(steps: u64) -> u64 {
    16 + steps / 2
}

/// What one judgement of a history of so many lines costs, in events.
pub const fn judgement(lines: usize) -> u64 {
    20 * lines as u64
}

/// How many events may pass until the memory is counted next; at least 1.
pub const fn room(events: u64) -> u64 {
    COUNTED_EVERY - events % COUNTED_EVERY
}

/// The bound that a run has come to, in a sentence; `None` while it can go on.
pub fn reached(cluster: &dyn Cluster) -> Option<String> {
    if cluster.events() >= RUN_EVENTS_MAX {
        return Some(format!("this run has had {RUN_EVENTS_MAX} events, which is as many as a run can have"));
    }
    // Counting costs as much as a small event, so it is done now and then; a run that is too large stays at the event where that was found.
    let is_too_large = cluster.events().is_multiple_of(COUNTED_EVERY) && cluster.bytes() >= RUN_BYTES_MAX;
    is_too_large.then(|| {
        let (most, events) = (RUN_BYTES_MAX >> 20, cluster.events());
        format!("this run holds {most} MiB after {events} events, which is as much memory as a run can have")
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_lesson_with_more_steps_has_more_room_but_not_without_end() {
        assert_eq!([1, 5, 10].map(of_lesson), [WORK_MAX, WORK_MAX, WORK_MAX + 2_000_000]);
        assert_eq!(of_lesson(usize::MAX), of_lesson(40));
    }
}
