//! How many connections there may be at once, in all and from each address.

use std::collections::BTreeMap;
use std::net::IpAddr;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

/// How many there are at once.
const ALL_MAX: usize = 700;
/// How many from one address, unless a class shares it.
pub(super) const FROM_ONE_ADDRESS_MAX: usize = 24;
/// Files that this process opens for itself.
#[cfg(unix)]
const OWN_FILES: u64 = 64;

/// The seats of a server.
#[derive(Clone, Debug)]
pub(super) struct Seats {
    taken: Arc<Mutex<Taken>>,
    most: usize,
}

#[derive(Debug, Default)]
struct Taken {
    all: usize,
    from: BTreeMap<IpAddr, usize>,
}

/// A connection's seat, free again when it is dropped.
#[derive(Debug)]
pub(super) struct Seat {
    seats: Seats,
    pub(super) from: IpAddr,
}

impl Seats {
    /// As many as the system has room for.
    pub(super) fn new() -> Seats {
        Seats { taken: Arc::default(), most: room() }
    }

    /// A seat for one more from this address, if there is one.
    pub(super) fn take(&self, from: IpAddr, is_shared: bool) -> Option<Seat> {
        let most_from_one = if is_shared { self.most } else { FROM_ONE_ADDRESS_MAX };
        let mut taken = self.taken();
        if taken.all >= self.most || taken.from.get(&from).is_some_and(|&taken| taken >= most_from_one) {
            return None;
        }
        taken.all += 1;
        *taken.from.entry(from).or_default() += 1;
        Some(Seat { seats: self.clone(), from })
    }

    fn taken(&self) -> MutexGuard<'_, Taken> {
        self.taken.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Drop for Seat {
    fn drop(&mut self) {
        let mut taken = self.seats.taken();
        taken.all = taken.all.saturating_sub(1);
        let left = taken.from.get(&self.from).map_or(0, |taken| taken.saturating_sub(1));
        if left == 0 {
            taken.from.remove(&self.from);
        } else {
            taken.from.insert(self.from, left);
        }
    }
}

/// How many connections this process may have. Where it may open fewer files (256 is usual on macOS), it asks for more first.
#[cfg(unix)]
fn room() -> usize {
    use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};
    let wanted = ALL_MAX as u64 + OWN_FILES;
    let limit = getrlimit(Resource::Nofile);
    if limit.current.is_some_and(|now| now < wanted) {
        let more = limit.maximum.map_or(wanted, |most| most.min(wanted));
        // Where it is refused, there are fewer seats.
        let _ = setrlimit(Resource::Nofile, Rlimit { current: Some(more), maximum: limit.maximum });
    }
    let files = getrlimit(Resource::Nofile).current.unwrap_or(wanted);
    usize::try_from(files.saturating_sub(OWN_FILES)).unwrap_or(ALL_MAX).clamp(1, ALL_MAX)
}

#[cfg(not(unix))]
fn room() -> usize {
    ALL_MAX
}

#[cfg(test)]
mod tests {
    use std::net::{IpAddr, Ipv4Addr};

    use super::{ALL_MAX, FROM_ONE_ADDRESS_MAX, Seats};

    fn at(n: u32) -> IpAddr {
        Ipv4Addr::from_bits(n).into()
    }

    #[test]
    fn a_seat_is_free_again_when_it_is_left() {
        let seats = Seats::new();
        let mut taken: Vec<_> = (0..FROM_ONE_ADDRESS_MAX).map(|_| seats.take(at(1), false).unwrap()).collect();
        assert!(seats.take(at(1), false).is_none());
        assert!(seats.take(at(2), false).is_some() && seats.take(at(1), true).is_some());
        taken.pop();
        taken.push(seats.take(at(1), false).unwrap());
        assert!(seats.take(at(1), false).is_none());
        drop(taken);
        assert!(seats.taken().from.is_empty() && seats.taken().all == 0);
    }

    #[test]
    fn there_is_a_last_seat() {
        let seats = Seats::new();
        assert_eq!(seats.most, ALL_MAX);
        let taken: Vec<_> = (0..ALL_MAX as u32).map(|n| seats.take(at(n), false).unwrap()).collect();
        assert!(seats.take(at(u32::MAX), false).is_none());
        drop(taken);
    }
}
