//! The event queue: (time, sequence) order, packed keys in a binary heap beside a slab of events.
//!
//! An event can be taken back, moved to another time, or parked (kept without a time); its old key is then stale and is
//! skipped, so each of these costs O(log n) at most. When more keys are stale than valid, the stale ones are swept out: a timer
//! that is set and cancelled with every request would else leave a key for as long as it would have run.

use std::cmp::Reverse;
use std::collections::BinaryHeap;

use super::time::Time;

/// Where an event sits in the slab. Valid until the event is popped or taken.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Slot(u32);

const SLOT_BITS: u32 = 24;
const SLOT_MASK: u128 = (1 << SLOT_BITS) - 1;

/// The most events that can wait at once.
pub const CAPACITY: usize = 1 << 20;

/// So few stale keys are not worth a sweep.
const STALE_MIN: usize = 64;

/// The event queue.
#[derive(Clone, Debug)]
pub struct Queue<E> {
    heap: BinaryHeap<Reverse<u128>>,
    slots: Vec<Entry<E>>,
    free: Vec<u32>,
    sequence: u64,
    /// Whether the top of the heap is the key of the event popped last. The next push takes its place, which costs one
    /// walk down the heap instead of two.
    hole: bool,
}

#[derive(Clone, Debug)]
struct Entry<E> {
    /// The sequence number of the valid key; 0 when parked or free.
    sequence: u64,
    event: Option<E>,
}

impl<E> Default for Queue<E> {
    fn default() -> Self {
        Queue { heap: BinaryHeap::new(), slots: Vec::new(), free: Vec::new(), sequence: 0, hole: false }
    }
}

impl<E> Queue<E> {
    /// How many events wait, parked ones included.
    pub fn len(&self) -> usize {
        self.slots.len() - self.free.len()
    }

    /// For how many events there are places: as many as ever waited at once.
    pub fn places(&self) -> usize {
        self.slots.len()
    }

    /// Whether nothing waits.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Adds an event. Events of one time come out in the order in which they were added.
    #[inline]
    pub fn push(&mut self, at: Time, event: E) -> Slot {
        let slot = self.insert(event);
        self.schedule(slot, at);
        slot
    }

    /// Adds an event without a time.
    fn insert(&mut self, event: E) -> Slot {
        let entry = Entry { sequence: 0, event: Some(event) };
        if let Some(free) = self.free.pop() {
            self.slots[free as usize] = entry;
            return Slot(free);
        }
        assert!(self.slots.len() < (1 << SLOT_BITS), "the kernel refuses new events long before the slab is full");
        self.slots.push(entry);
        Slot(self.slots.len() as u32 - 1)
    }

    /// Gives a waiting event a new time, behind everything that waits for that time already.
    #[inline]
    pub fn schedule(&mut self, slot: Slot, at: Time) {
        self.sequence += 1;
        self.slots[slot.0 as usize].sequence = self.sequence;
        let key = (u128::from(at.0) << 64) | (u128::from(self.sequence) << SLOT_BITS) | u128::from(slot.0);
        if std::mem::take(&mut self.hole)
            && let Some(mut top) = self.heap.peek_mut()
        {
            *top = Reverse(key);
            return;
        }
        self.heap.push(Reverse(key));
    }

    /// To be called when everything that follows from the last [`Queue::pop`] is pushed.
    #[inline]
    pub fn settle(&mut self) {
        if std::mem::take(&mut self.hole) {
            self.heap.pop();
        }
        self.skip_stale();
        if self.heap.len() > 2 * self.len() + STALE_MIN {
            self.sweep();
        }
    }

    /// Removes every stale key.
    #[cold]
    fn sweep(&mut self) {
        let mut heap = std::mem::take(&mut self.heap);
        heap.retain(|Reverse(key)| self.is_valid(*key));
        heap.shrink_to(2 * heap.len() + STALE_MIN);
        self.heap = heap;
    }

    /// Keeps an event without a time, until it is scheduled or taken.
    pub fn park(&mut self, slot: Slot) {
        self.slots[slot.0 as usize].sequence = 0;
        self.skip_stale();
    }

    /// Takes an event back. `None` when the slot is empty.
    pub fn take(&mut self, slot: Slot) -> Option<E> {
        let event = self.remove(slot);
        self.skip_stale();
        event
    }

    #[inline]
    fn remove(&mut self, slot: Slot) -> Option<E> {
        let entry = &mut self.slots[slot.0 as usize];
        entry.sequence = 0;
        let event = entry.event.take();
        if event.is_some() {
            self.free.push(slot.0);
        }
        event
    }

    /// The event in a slot.
    pub fn get(&self, slot: Slot) -> Option<&E> {
        self.slots[slot.0 as usize].event.as_ref()
    }

    /// The event in a slot, to be changed.
    pub fn get_mut(&mut self, slot: Slot) -> Option<&mut E> {
        self.slots[slot.0 as usize].event.as_mut()
    }

    /// The time of the next event.
    pub fn next_at(&self) -> Option<Time> {
        self.heap.peek().map(|Reverse(key)| Time((key >> 64) as u64))
    }

    /// The next event with its time.
    pub fn peek(&self) -> Option<(Time, &E)> {
        let Reverse(key) = self.heap.peek()?;
        let event = self.slots[slot_of(*key).0 as usize].event.as_ref()?;
        Some((Time((key >> 64) as u64), event))
    }

    /// Every event that has a time, with it, in the order in which they will come.
    pub fn in_order(&self) -> Vec<(Time, &E)> {
        let mut keys: Vec<u128> = self.heap.iter().map(|Reverse(key)| *key).filter(|key| self.is_valid(*key)).collect();
        keys.sort_unstable();
        let event = |key: u128| Some((Time((key >> 64) as u64), self.slots[slot_of(key).0 as usize].event.as_ref()?));
        keys.into_iter().filter_map(event).collect()
    }

    /// Removes and returns the next event with its time. [`Queue::settle`] before the next look at the queue.
    #[inline]
    pub fn pop(&mut self) -> Option<(Time, E)> {
        debug_assert!(!self.hole, "the queue is settled between events");
        let Reverse(key) = *self.heap.peek()?;
        debug_assert!(self.is_valid(key), "stale keys never stay on top");
        let event = self.remove(slot_of(key));
        self.hole = true;
        event.map(|event| (Time((key >> 64) as u64), event))
    }

    /// Every waiting event with its slot, in slab order (arbitrary but repeatable).
    pub fn iter(&self) -> impl Iterator<Item = (Slot, &E)> {
        self.slots.iter().enumerate().filter_map(|(i, entry)| entry.event.as_ref().map(|e| (Slot(i as u32), e)))
    }

    #[inline]
    fn is_valid(&self, key: u128) -> bool {
        let sequence = (key >> SLOT_BITS) as u64 & ((1 << (64 - SLOT_BITS)) - 1);
        self.slots[slot_of(key).0 as usize].sequence == sequence
    }

    /// Keeps the top of the heap valid, so that [`Queue::next_at`] needs no search.
    #[inline]
    fn skip_stale(&mut self) {
        if self.hole {
            return;
        }
        while let Some(Reverse(key)) = self.heap.peek() {
            if self.is_valid(*key) {
                return;
            }
            self.heap.pop();
        }
    }
}

fn slot_of(key: u128) -> Slot {
    Slot((key & SLOT_MASK) as u32)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use std::collections::BTreeMap;

    #[test]
    fn keys_of_what_was_taken_back_do_not_pile_up() {
        let mut queue = Queue::default();
        for at in 0..10_000 {
            queue.push(Time(at), at);
            let timer = queue.push(Time(1_000_000 + at), at);
            assert_eq!(queue.pop(), Some((Time(at), at)));
            queue.take(timer);
            queue.settle();
        }
        assert!(queue.is_empty() && queue.heap.len() <= STALE_MIN, "{}", queue.heap.len());
    }

    #[derive(Clone, Debug)]
    enum Do {
        Push(u8),
        Pop,
        Take(u8),
        Park(u8),
        Move(u8, u8),
    }

    fn arb() -> impl Strategy<Value = Do> {
        prop_oneof![
            4 => any::<u8>().prop_map(Do::Push),
            3 => Just(Do::Pop),
            1 => any::<u8>().prop_map(Do::Take),
            1 => any::<u8>().prop_map(Do::Park),
            1 => (any::<u8>(), any::<u8>()).prop_map(|(a, b)| Do::Move(a, b)),
        ]
    }

    proptest! {
        /// A second queue, an ordered map, gives the same run.
        #[test]
        fn an_ordered_map_gives_the_same_order(steps in proptest::collection::vec(arb(), 0..200)) {
            let mut queue = Queue::default();
            let mut map: BTreeMap<(u64, u64), u32> = BTreeMap::new();
            let mut live: Vec<(Slot, u32)> = Vec::new();
            for (number, step) in (1u64..).zip(steps) {
                match step {
                    Do::Push(at) => {
                        live.push((queue.push(Time(at.into()), number as u32), number as u32));
                        map.insert((at.into(), number), number as u32);
                    }
                    Do::Pop => {
                        let popped = queue.pop();
                        queue.settle();
                        let expected = map.pop_first().map(|((at, _), e)| (Time(at), e));
                        prop_assert_eq!(popped, expected);
                        live.retain(|(_, e)| Some(*e) != popped.map(|(_, e)| e));
                    }
                    Do::Take(i) | Do::Park(i) | Do::Move(i, _) if !live.is_empty() => {
                        let index = i as usize % live.len();
                        let (slot, event) = live[index];
                        map.retain(|_, e| *e != event);
                        match step {
                            Do::Take(_) => {
                                prop_assert_eq!(queue.take(slot), Some(event));
                                live.remove(index);
                            }
                            Do::Move(_, at) => {
                                queue.schedule(slot, Time(at.into()));
                                queue.skip_stale();
                                map.insert((at.into(), number), event);
                            }
                            _ => queue.park(slot),
                        }
                    }
                    _ => {}
                }
                prop_assert_eq!(queue.next_at(), map.keys().next().map(|(at, _)| Time(*at)));
                prop_assert_eq!(queue.len(), live.len());
            }
        }
    }
}
