//! The same work on many things, on as many threads as there are processors; the results are in the order of the things.

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
    let next = AtomicUsize::new(0);
    let (sender, results) = mpsc::channel();
    let mut done = Vec::with_capacity(things.len());
    std::thread::scope(|scope| {
        for _ in 0..threads.clamp(1, things.len().max(1)) {
            let (sender, next, work) = (sender.clone(), &next, &work);
            scope.spawn(move || {
                while let Some((index, thing)) = take(things, next) {
                    if sender.send((index, work(thing))).is_err() {
                        return;
                    }
                }
            });
        }
        drop(sender);
        loop {
            match results.recv_timeout(TELL_EVERY) {
                Ok(result) => done.push(result),
                Err(mpsc::RecvTimeoutError::Timeout) => tell(done.len()),
                Err(mpsc::RecvTimeoutError::Disconnected) => break,
            }
        }
    });
    done.sort_unstable_by_key(|(index, _)| *index);
    done.into_iter().map(|(_, result)| result).collect()
}

fn take<'t, T>(things: &'t [T], next: &AtomicUsize) -> Option<(usize, &'t T)> {
    let index = next.fetch_add(1, Ordering::Relaxed);
    things.get(index).map(|thing| (index, thing))
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
}
