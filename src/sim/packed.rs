//! A list whose old items are written down in few bytes: the newest stand as they are, older ones are read back when somebody asks. Cheap
//! to clone, as [`Log`] is.

use std::borrow::Cow;
use std::sync::Arc;

use super::log::{Log, Since};
use super::pack::{Pack, Written};

/// Items that are written down together: few, because every clone that goes on holds those of the last block as they are.
const BLOCK: usize = 32;
/// When there are more new items than this, a block of them is written down: what was added lately is asked for most.
const NEW: usize = 2 * BLOCK;
/// So many blocks have names in common.
const COMMON: usize = 64;

/// A list that grows at its end.
pub struct Packed<T> {
    blocks: Log<Arc<Written>>,
    /// The items from `start` on; those that are in blocks are forgotten.
    newest: Log<T>,
    /// A multiple of [`BLOCK`].
    start: usize,
    /// What the blocks take, in bytes.
    written: usize,
}

impl<T> Clone for Packed<T>
where
    Log<T>: Clone,
{
    fn clone(&self) -> Self {
        Packed { blocks: self.blocks.clone(), newest: self.newest.clone(), ..*self }
    }
}

impl<T> Default for Packed<T> {
    fn default() -> Self {
        Packed { blocks: Log::default(), newest: Log::default(), start: 0, written: 0 }
    }
}

impl<T> std::fmt::Debug for Packed<T> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{} items, {} of them in {} bytes", self.len(), self.old(), self.written)
    }
}

impl<T> Packed<T> {
    /// How many items there are.
    #[inline]
    pub fn len(&self) -> usize {
        self.start + self.newest.len()
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// How many items are written down.
    fn old(&self) -> usize {
        self.blocks.len() * BLOCK
    }

    /// The bytes that the items take, without what they share with others.
    pub fn bytes(&self) -> usize {
        self.written + (self.len() - self.old()) * size_of::<T>()
    }

    /// Adds an item at the end.
    #[inline]
    pub fn push(&mut self, item: T) {
        self.newest.push(item);
    }

    /// The newest item.
    pub fn last(&self) -> Option<&T> {
        self.newest.last()
    }

    /// The few items from a position on, to be gone through again and again: all of them were added since [`Packed::settle`] was called last,
    /// or are among those that are always kept as they are.
    #[inline]
    pub fn since(&self, start: usize) -> Since<'_, T> {
        assert!(start >= self.old(), "only new items are at hand");
        self.newest.since(start - self.start)
    }
}

impl<T: Pack> Packed<T> {
    /// Writes the oldest of the new items down when there are too many: one block at a time, so that it never takes long. To be called
    /// when nobody looks at them any more as they are.
    #[inline]
    pub fn settle(&mut self) {
        if self.len() - self.old() > NEW {
            self.write_down();
        }
    }

    #[cold]
    fn write_down(&mut self) {
        let first = self.old() - self.start;
        let before = self.blocks.last().filter(|_| !self.blocks.len().is_multiple_of(COMMON));
        let written = Written::of(self.newest.iter_from(first).take(BLOCK).cloned(), before.map(Arc::as_ref));
        self.written += written.len();
        self.blocks.push(Arc::new(written));
        self.newest.forget(first + BLOCK);
    }

    /// The items of a block.
    fn block(&self, number: usize) -> Vec<T> {
        self.blocks.get(number).map_or_else(Vec::new, |written| {
            let mut from = written.read();
            (0..BLOCK).map(|_| T::unpack(&mut from)).collect()
        })
    }

    /// The position of the first item for which `before` does not hold. It holds for all that come before that, and for none after it.
    pub fn partition_point(&self, before: impl Fn(&T) -> bool) -> usize {
        let (mut low, mut high) = (0, self.len());
        while low < high {
            let middle = low.midpoint(high);
            if self.get(middle).is_some_and(|item| before(&item)) { low = middle + 1 } else { high = middle }
        }
        low
    }

    /// The item at a position, from 0.
    #[inline]
    pub fn get(&self, at: usize) -> Option<Cow<'_, T>> {
        if at >= self.old() { self.newest.get(at - self.start).map(Cow::Borrowed) } else { self.read(at).map(Cow::Owned) }
    }

    #[cold]
    fn read(&self, at: usize) -> Option<T> {
        let mut from = self.blocks.get(at / BLOCK)?.read();
        (0..=at % BLOCK).map(|_| T::unpack(&mut from)).last()
    }

    /// From the oldest item to the newest.
    pub fn iter(&self) -> impl Iterator<Item = Cow<'_, T>> {
        self.iter_from(0)
    }

    /// From a position, counted from 0, to the newest item.
    pub fn iter_from(&self, start: usize) -> impl Iterator<Item = Cow<'_, T>> {
        let skipped = if start < self.old() { start % BLOCK } else { 0 };
        let blocks = start.min(self.old()) / BLOCK..self.blocks.len();
        let old = blocks.flat_map(|number| self.block(number)).skip(skipped).map(Cow::Owned);
        old.chain(self.newest.iter_from(start.max(self.old()) - self.start).map(Cow::Borrowed))
    }

    /// All items, oldest first.
    pub fn all(&self) -> Vec<Cow<'_, T>> {
        self.from(0)
    }

    /// The items from position `start` on, oldest first.
    pub fn from(&self, start: usize) -> Vec<Cow<'_, T>> {
        self.iter_from(start).collect()
    }

    /// From the newest item to the oldest.
    pub fn newest_first(&self) -> impl Iterator<Item = Cow<'_, T>> {
        self.back_from(self.len())
    }

    /// From the item before a position back to the oldest.
    pub fn back_from(&self, end: usize) -> impl Iterator<Item = Cow<'_, T>> {
        let newest = (self.old()..end).rev().filter_map(|at| self.newest.get(at - self.start)).map(Cow::Borrowed);
        let blocks = (0..end.min(self.old()).div_ceil(BLOCK)).rev();
        let old = blocks.flat_map(move |number| {
            let mut items = self.block(number);
            items.truncate(end - number * BLOCK);
            items.into_iter().rev().map(Cow::Owned)
        });
        newest.chain(old)
    }

    /// How many items from the first on are the same in another list. What the two share is not looked at.
    pub fn common(&self, other: &Packed<T>) -> usize
    where
        T: PartialEq,
    {
        let same = |(mine, theirs): &(&Arc<Written>, &Arc<Written>)| Arc::ptr_eq(mine, theirs);
        let shared = BLOCK * self.blocks.iter_from(0).zip(other.blocks.iter_from(0)).take_while(same).count();
        shared + self.iter_from(shared).zip(other.iter_from(shared)).take_while(|(mine, theirs)| mine == theirs).count()
    }

    /// Puts another item in the place of one.
    pub fn set(&mut self, at: usize, item: T) {
        if at >= self.old() {
            if let Some(place) = self.newest.get_mut(at - self.start) {
                *place = item;
            }
            return;
        }
        let mut items = self.block(at / BLOCK);
        items[at % BLOCK] = item;
        if let Some(block) = self.blocks.get_mut(at / BLOCK) {
            let written = Written::of(items.into_iter(), Some(&**block));
            self.written = self.written - block.len() + written.len();
            *block = Arc::new(written);
        }
    }

    /// Drops everything from a position on, counted from 0.
    pub fn truncate(&mut self, len: usize) {
        if len >= self.len() {
            return;
        }
        if self.blocks.is_empty() {
            return self.newest.truncate(len);
        }
        // Blocks are whole, and the newest item stands as it is.
        let whole = (len.saturating_sub(1) / BLOCK).min(self.blocks.len());
        let mut newest = Log::default();
        self.iter_from(whole * BLOCK).take(len - whole * BLOCK).for_each(|item| newest.push(item.into_owned()));
        let dropped: usize = self.blocks.iter_from(whole).map(|block| block.len()).sum();
        self.written -= dropped;
        self.blocks.truncate(whole);
        (self.newest, self.start) = (newest, whole * BLOCK);
    }

    /// Becomes equal to a list that it is the beginning of, and shares what that one shares.
    pub fn catch_up(&mut self, longer: &Packed<T>) {
        if (self.start, self.blocks.len()) == (longer.start, longer.blocks.len()) {
            self.newest.catch_up(&longer.newest);
        } else {
            *self = longer.clone();
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    /// What can be done to a list.
    #[derive(Clone, Debug)]
    enum Act {
        Push(usize),
        Settle,
        Truncate(usize),
        Set(usize),
        CatchUp,
        Clone,
    }

    fn acts() -> impl Strategy<Value = Vec<Act>> {
        let act = prop_oneof![
            3 => (1usize..400).prop_map(Act::Push),
            2 => Just(Act::Settle),
            1 => any::<usize>().prop_map(Act::Truncate),
            1 => any::<usize>().prop_map(Act::Set),
            1 => Just(Act::CatchUp),
            1 => Just(Act::Clone),
        ];
        proptest::collection::vec(act, 1..60)
    }

    fn same(list: &Packed<i64>, plain: &[i64]) -> Result<(), TestCaseError> {
        prop_assert_eq!((list.len(), list.is_empty(), list.last()), (plain.len(), plain.is_empty(), plain.last()));
        prop_assert!(list.iter().map(Cow::into_owned).eq(plain.iter().copied()));
        prop_assert!(list.newest_first().map(Cow::into_owned).eq(plain.iter().rev().copied()));
        for at in (0..plain.len() + 20).step_by(61) {
            prop_assert_eq!(list.get(at).map(Cow::into_owned), plain.get(at).copied());
            prop_assert!(list.iter_from(at).map(Cow::into_owned).eq(plain.iter().copied().skip(at)));
            prop_assert!(list.back_from(at).map(Cow::into_owned).eq(plain.iter().copied().take(at).rev()));
        }
        let start = list.old();
        prop_assert!(list.since(start).into_iter().eq(&plain[start..]));
        let blocks: usize = list.blocks.iter().map(|block| block.len()).sum();
        prop_assert_eq!(list.written, blocks);
        Ok(())
    }

    proptest! {
        #[test]
        fn it_is_a_list(acts in acts()) {
            let (mut list, mut plain) = (Packed::default(), Vec::new());
            let (mut follower, mut kept) = (Packed::default(), (Packed::default(), Vec::new()));
            for (number, act) in (0..).zip(acts) {
                match act {
                    Act::Push(count) => (0..count as i64).map(|i| number * 1000 - i).for_each(|i| {
                        list.push(i);
                        plain.push(i);
                    }),
                    Act::Settle => (0..10).for_each(|_| list.settle()),
                    Act::Truncate(len) => {
                        let len = len % (plain.len() + 1);
                        list.truncate(len);
                        plain.truncate(len);
                        follower = list.clone();
                    }
                    Act::Set(at) if !plain.is_empty() => {
                        let at = at % plain.len();
                        list.set(at, -7);
                        plain[at] = -7;
                        follower = list.clone();
                    }
                    Act::CatchUp | Act::Set(_) => {
                        follower.catch_up(&list);
                        same(&follower, &plain)?;
                    }
                    Act::Clone => kept = (list.clone(), plain.clone()),
                }
                same(&list, &plain)?;
                same(&kept.0, &kept.1)?;
                let common = plain.iter().zip(&kept.1).take_while(|(a, b)| a == b).count();
                prop_assert_eq!(list.common(&kept.0), common);
            }
        }
    }

    #[test]
    fn old_items_take_few_bytes_and_clones_share_them() {
        let mut list = Packed::default();
        for i in 0..100_000i64 {
            list.push(i);
            list.settle();
        }
        assert!(list.bytes() < 300_000, "{}", list.bytes());
        let other = list.clone();
        let both = list.blocks.iter().zip(other.blocks.iter());
        assert!(list.blocks.len() > 3000 && both.into_iter().all(|(a, b)| Arc::ptr_eq(a, b)));
    }
}
