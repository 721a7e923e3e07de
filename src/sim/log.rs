//! A list that only grows and is cheap to clone: old items are shared between all clones, only the newest few are copied.

use std::sync::Arc;

/// Items per shared chunk: small enough that copying the newest chunk stays far below a microsecond.
const CHUNK: usize = 16;

/// An append-only list with O(1) clone and O(1) push.
#[derive(Clone, Debug)]
pub struct Log<T> {
    newest: Vec<T>,
    older: Option<Arc<Chunk<T>>>,
    len: usize,
}

#[derive(Debug)]
struct Chunk<T> {
    items: Vec<T>,
    older: Option<Arc<Chunk<T>>>,
}

impl<T> Drop for Chunk<T> {
    /// One after the other: a long chain dropped by recursion would use up the stack.
    fn drop(&mut self) {
        let mut next = self.older.take();
        while let Some(mut chunk) = next.and_then(Arc::into_inner) {
            next = chunk.older.take();
        }
    }
}

impl<T> Default for Log<T> {
    fn default() -> Self {
        Log { newest: Vec::new(), older: None, len: 0 }
    }
}

impl<T> Log<T> {
    /// How many items.
    pub fn len(&self) -> usize {
        self.len
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.len == 0
    }

    /// Adds an item at the end.
    #[inline]
    pub fn push(&mut self, item: T) {
        if self.newest.len() == self.newest.capacity() {
            self.make_room();
        }
        self.newest.push(item);
        self.len += 1;
    }

    /// Hands a full chunk to the past, or lets one that was just cloned grow to its full size.
    #[cold]
    fn make_room(&mut self) {
        if self.newest.len() < CHUNK {
            return self.newest.reserve_exact(CHUNK - self.newest.len());
        }
        let items = std::mem::replace(&mut self.newest, Vec::with_capacity(CHUNK));
        self.older = Some(Arc::new(Chunk { items, older: self.older.take() }));
    }

    /// The newest item.
    pub fn last(&self) -> Option<&T> {
        self.newest.last()
    }

    /// From the newest item to the oldest.
    pub fn newest_first(&self) -> impl Iterator<Item = &T> {
        let mut chunk = self.older.as_deref();
        let older = std::iter::from_fn(move || {
            let this = chunk?;
            chunk = this.older.as_deref();
            Some(this.items.iter().rev())
        });
        self.newest.iter().rev().chain(older.flatten())
    }

    /// The newest items for which `keep` holds, up to the first for which it does not, oldest of them first.
    pub fn tail_while(&self, keep: impl Fn(&T) -> bool) -> Vec<&T> {
        let mut tail: Vec<&T> = self.newest_first().take_while(|item| keep(item)).collect();
        tail.reverse();
        tail
    }

    /// All items, oldest first.
    pub fn all(&self) -> Vec<&T> {
        self.tail_while(|_| true)
    }

    /// The items from position `start` on, oldest first.
    pub fn from(&self, start: usize) -> Vec<&T> {
        let mut tail: Vec<&T> = self.newest_first().take(self.len.saturating_sub(start)).collect();
        tail.reverse();
        tail
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn clones_share_the_past_and_differ_in_the_future() {
        let mut log = Log::default();
        (0..1000).for_each(|i| log.push(i));
        let mut other = log.clone();
        log.push(1000);
        other.push(-1);
        assert_eq!(log.all(), (0..=1000).collect::<Vec<_>>().iter().collect::<Vec<_>>());
        assert_eq!((other.last(), other.len()), (Some(&-1), 1001));
        assert_eq!(log.tail_while(|i| *i > 997), [&998, &999, &1000]);
        assert_eq!(log.from(999), [&999, &1000]);
    }

    #[test]
    fn a_long_log_can_be_dropped() {
        let mut log = Log::default();
        (0..10_000_000u32).for_each(|i| log.push(i));
        drop(log);
    }
}
