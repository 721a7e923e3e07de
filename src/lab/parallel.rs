//! The same work on many things, on as many threads as there are processors; the results are in the order of the things.

use std::collections::BTreeMap;
use std::num::NonZero;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::mpsc;
use std::time::Duration;

/// How often progress is told.
const TELL_EVERY: Duration = Duration::from_millis(100);

/// As many threads as there are processors.
pub(super) fn threads() -> usize {
    std::thread::available_parallelism().map_or(1, NonZero::get)
}

/// Does `work` to each of them. `tell` hears now and then how many are done.
pub(super) fn each<T: Sync, R: Send>(things: &[T], threads: usize, tell: &mut dyn FnMut(usize), work: impl Fn(&T) -> R + Sync) -> Vec<R> {
    let mut done = Vec::with_capacity(things.len());
    spread(things.len(), threads, &|index| work(&things[index]), &mut |result| {
        match result {
            Some(result) => done.push(result),
            None => tell(done.len()),
        }
        true
    });
    done.sort_unstable_by_key(|(index, _)| *index);
    done.into_iter().map(|(_, result)| result).collect()
}

/// Does `work` for each number below `count`, and hands every result over as soon as those before it are: `Some`, in the order of the numbers.
/// `None` comes now and then while the next one is not there. Once `take` fails, no more work is begun, and its error is given back.
pub(super) fn in_order<R: Send, E>(
    count: usize,
    threads: usize,
    work: impl Fn(usize) -> R + Sync,
    mut take: impl FnMut(Option<R>) -> Result<(), E>,
) -> Result<(), E> {
    let (mut early, mut next, mut taken) = (BTreeMap::new(), 0, Ok(()));
    spread(count, threads, &work, &mut |result| {
        let Some((index, result)) = result else {
            taken = take(None);
            return taken.is_ok();
        };
        early.insert(index, result);
        while taken.is_ok() {
            let Some(result) = early.remove(&next) else { break };
            next += 1;
            taken = take(Some(result));
        }
        taken.is_ok()
    });
    taken
}

/// Does `work` for each number below `count`. `hear` gets each result with its number as it comes, and `None` now and then; when it says
/// no, no more work is begun.
fn spread<R: Send>(count: usize, threads: usize, work: &(impl Fn(usize) -> R + Sync), hear: &mut dyn FnMut(Option<(usize, R)>) -> bool) {
    let next = AtomicUsize::new(0);
    let (sender, results) = mpsc::channel();
    std::thread::scope(|scope| {
        for _ in 0..threads.clamp(1, count.max(1)) {
            let (sender, next) = (sender.clone(), &next);
            scope.spawn(move || {
                loop {
                    let index = next.fetch_add(1, Ordering::Relaxed);
                    if index >= count || sender.send((index, work(index))).is_err() {
                        return;
                    }
                }
            });
        }
        drop(sender);
        loop {
            let heard = match results.recv_timeout(TELL_EVERY) {
                Ok(result) => hear(Some(result)),
                Err(mpsc::RecvTimeoutError::Timeout) => hear(None),
                Err(mpsc::RecvTimeoutError::Disconnected) => break,
            };
            if !heard {
                break;
            }
        }
        // Whoever works finds nobody to send to, and ends.
        drop(results);
    });
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn results_are_in_order_whatever_the_number_of_threads() {
        let things: Vec<u64> = (0..200).collect();
        for threads in [0, 1, 3, 500] {
            let results = each(&things, threads, &mut |_| {}, |n| n * n);
            assert_eq!(results, things.iter().map(|n| n * n).collect::<Vec<_>>());
        }
        assert!(each(&[] as &[u64], 4, &mut |_| {}, |n| *n).is_empty());
    }

    #[test]
    fn a_result_is_handed_over_while_others_are_worked_on() {
        let handed = AtomicUsize::new(0);
        let work = |index: usize| {
            // The last one is not done before the first is handed over; that takes as long as it takes.
            let waited = (0..2000).find(|_| {
                let seen = index < 9 || handed.load(Ordering::Relaxed) > 0;
                std::thread::park_timeout(if seen { Duration::ZERO } else { Duration::from_millis(5) });
                seen
            });
            (index, waited.is_some())
        };
        let mut all = Vec::new();
        let taken: Result<(), ()> = in_order(10, 2, work, |result| {
            all.extend(result);
            handed.store(all.len(), Ordering::Relaxed);
            Ok(())
        });
        assert_eq!((taken, all), (Ok(()), (0..10).map(|index| (index, true)).collect()));
    }

    #[test]
    fn no_more_is_begun_when_nobody_takes_it() {
        let begun = AtomicUsize::new(0);
        let work = |index| {
            begun.fetch_add(1, Ordering::Relaxed);
            std::thread::park_timeout(Duration::from_millis(1));
            index
        };
        let taken = in_order(100_000, 3, work, |result| match result {
            Some(5) => Err("gone"),
            _ => Ok(()),
        });
        assert_eq!(taken, Err("gone"));
        assert!(begun.into_inner() < 10_000);
    }
}
