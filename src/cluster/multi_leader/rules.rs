//! What is there once, and may be given once: automatic keys, rooms, and the pieces of a stock.
//!
//! Judged by what clients were told. What they were not told may have happened or not, so it counts for the leaders: a room may have been
//! set free, and a stock filled, by a write that nobody confirmed.

use std::sync::Arc;

use crate::check::operation::{Key, Op, Ret, Value};

use super::accept::numbered;
use super::request::Request;
use crate::persistent::OrdMap;

/// What was given, and to whom.
#[derive(Clone, Debug, Default)]
pub(super) struct Rules {
    /// By table and number: the inserts that got it.
    inserts: OrdMap<Key, OrdMap<u64, Vec<u32>>>,
    rooms: OrdMap<Key, Room>,
    /// When bookings that are not answered were asked for.
    booking: OrdMap<u32, u64>,
    /// How many requests and answers there have been.
    clock: u64,
    stock: OrdMap<Key, Stock>,
    /// Inserts that got a key which another one had got.
    pub duplicate_keys: usize,
    /// Bookings of a room that was booked.
    pub double_bookings: usize,
    /// Sales of what was not there any more.
    pub oversold: usize,
    /// Whether two ever wanted the same.
    pub tested: bool,
    /// The first that were given twice.
    pub broken: Option<(Arc<str>, Vec<u32>)>,
}

/// Who has booked a room.
#[derive(Clone, Debug, Default)]
struct Room {
    /// The bookings, and when they were asked for.
    given: Vec<(u32, u64)>,
    /// When a write of the row was confirmed last, which sets the room free.
    written: u64,
}

/// What was put into a row, and sold from it.
#[derive(Clone, Debug, Default)]
struct Stock {
    /// What is left by all that was confirmed.
    left: i64,
    /// What may have been put in: requests that were not answered, or not yet.
    maybe: OrdMap<u32, Supply>,
    /// How many writes were confirmed.
    writes: u64,
}

/// What a request puts in.
#[derive(Clone, Copy, Debug)]
enum Supply {
    /// So much more.
    More(i64),
    /// So much in all. As many writes had been confirmed when it was asked for.
    InAll(i64, u64),
}

impl Stock {
    /// The most that there can be.
    fn most(&self) -> i64 {
        let in_all = self.maybe.values().filter_map(|supply| if let Supply::InAll(n, _) = supply { Some(*n) } else { None });
        let more = self.maybe.values().map(|supply| if let Supply::More(n) = supply { (*n).max(0) } else { 0 });
        in_all.fold(self.left, i64::max).saturating_add(more.sum())
    }

    /// A supply is confirmed. Of two writes that were under way at once, either may have been the later.
    fn put(&mut self, supply: Supply) {
        match supply {
            Supply::More(n) => self.left = self.left.saturating_add(n),
            Supply::InAll(n, before) => {
                self.left = if before == self.writes { n } else { self.left.max(n) };
                self.writes += 1;
            }
        }
    }
}

/// What a request puts into a stock, where so many writes of it were confirmed before.
fn supply(ask: &Request, writes: u64) -> Option<Supply> {
    match ask {
        Request::Add(_, amount) => Some(Supply::More(*amount)),
        Request::Plain(Op::Write { value: Value::Int(n), .. }) => Some(Supply::InAll(*n, writes)),
        Request::Plain(Op::Write { .. }) => Some(Supply::InAll(0, writes)),
        _ => None,
    }
}

impl Rules {
    /// A client asks.
    pub(super) fn call(&mut self, request: u32, ask: &Request) {
        self.clock += 1;
        if matches!(ask, Request::Book(_)) {
            self.booking.insert(request, self.clock);
        }
        let stock = self.stock.get(ask.key()).cloned().unwrap_or_default();
        if let Some(supply) = supply(ask, stock.writes) {
            let mut maybe = stock.maybe;
            maybe.insert(request, supply);
            self.stock.insert(ask.key().clone(), Stock { maybe, ..stock });
        }
    }

    /// It was refused: nothing has happened, and nothing will.
    pub(super) fn refused(&mut self, request: u32, ask: &Request) {
        if let Some(stock) = self.stock.get_mut(ask.key()) {
            stock.maybe.remove(&request);
        }
    }

    /// It was done.
    pub(super) fn ok(&mut self, request: u32, ask: &Request, ret: &Ret) {
        self.clock += 1;
        if let Some(stock) = self.stock.get_mut(ask.key())
            && let Some(supply) = stock.maybe.remove(&request)
        {
            stock.put(supply);
        }
        match (ask, ret) {
            (Request::Insert { table, .. }, Ret::Value(Some(Value::Int(number)))) => self.inserted(request, table, *number as u64),
            (Request::Book(op), Ret::Swapped) => self.booked(request, op.key()),
            (Request::Book(_), Ret::NotSwapped) => self.tested = true,
            (Request::Buy(key), Ret::Swapped) => self.sold(key),
            (Request::Plain(Op::Write { key, .. }), Ret::Done) => self.rooms.entry(key.clone()).or_default().written = self.clock,
            _ => {}
        }
    }

    fn sold(&mut self, key: &Key) {
        let stock = self.stock.entry(key.clone()).or_default();
        stock.left -= 1;
        self.oversold += usize::from(stock.most() < 0);
    }

    fn inserted(&mut self, request: u32, table: &Key, number: u64) {
        let of_table = self.inserts.entry(table.clone()).or_default();
        self.tested |= !of_table.is_empty();
        let given = of_table.entry(number).or_default();
        given.push(request);
        if given.len() > 1 {
            self.duplicate_keys += 1;
            self.broken =
                self.broken.take().or_else(|| Some((format!("two rows have the key {}", numbered(table, number)).into(), given.clone())));
        }
    }

    /// A booking is one too many where no write can have set the room free between it and another, whichever was the first.
    fn booked(&mut self, request: u32, key: &Key) {
        let called = self.booking.remove(&request).unwrap_or(self.clock);
        let is_unsure = self.stock.get(key).is_some_and(|stock| !stock.maybe.is_empty());
        let room = self.rooms.entry(key.clone()).or_default();
        let written = room.written;
        // Between what was asked for before a write was confirmed and anything else, that write may lie.
        room.given.retain(|(_, other)| written <= *other);
        let is_double = !is_unsure && written <= called && !room.given.is_empty();
        room.given.push((request, called));
        if is_double {
            self.tested = true;
            self.double_bookings += 1;
            let witness = room.given.iter().map(|(request, _)| *request).collect();
            self.broken = self.broken.take().or_else(|| Some((format!("{key} is booked twice").into(), witness)));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn write(n: i64) -> Request {
        Request::Plain(Op::Write { key: "book".into(), value: Value::Int(n) })
    }

    fn buy() -> Request {
        Request::Buy("book".into())
    }

    fn sold(rules: &mut Rules, request: u32) -> usize {
        rules.call(request, &buy());
        rules.ok(request, &buy(), &Ret::Swapped);
        rules.oversold
    }

    #[test]
    fn what_may_have_been_put_in_may_be_sold() {
        let (mut rules, add) = (Rules::default(), Request::Add("book".into(), 1));
        rules.call(1, &add);
        assert_eq!(sold(&mut rules, 2), 0, "the answer to who added is on its way, or lost");
        assert_eq!(sold(&mut rules, 3), 1);
        rules.ok(1, &add, &Ret::Done);
        rules.call(4, &add);
        rules.refused(4, &add);
        assert_eq!(sold(&mut rules, 5), 2, "what was refused was not put in");
    }

    #[test]
    fn of_two_writes_at_once_either_may_be_the_later() {
        for (first, second) in [(10, 5), (5, 10)] {
            let mut rules = Rules::default();
            rules.call(1, &write(first));
            rules.call(2, &write(second));
            rules.ok(1, &write(first), &Ret::Done);
            rules.ok(2, &write(second), &Ret::Done);
            assert_eq!((3..13).map(|request| sold(&mut rules, request)).max(), Some(0));
            assert_eq!(sold(&mut rules, 13), 1);
        }
        let mut rules = Rules::default();
        for (request, n) in [(1, 10), (2, 0)] {
            rules.call(request, &write(n));
            rules.ok(request, &write(n), &Ret::Done);
        }
        assert_eq!(sold(&mut rules, 3), 1, "the second was asked for when the first was done");
    }

    #[test]
    fn a_room_is_booked_twice_unless_it_may_have_been_free() {
        let book = Request::Book(Op::Cas { key: "book".into(), expected: None, value: "anna".into() });
        let booked = |rules: &mut Rules, request| {
            rules.call(request, &book);
            rules.ok(request, &book, &Ret::Swapped);
        };
        // The answer to the first booking comes last of all.
        let mut late = Rules::default();
        late.call(1, &book);
        late.call(2, &write(0));
        late.ok(2, &write(0), &Ret::Done);
        booked(&mut late, 3);
        late.ok(1, &book, &Ret::Swapped);
        assert_eq!(late.double_bookings, 0, "booked, set free, and booked again");
        booked(&mut late, 4);
        assert_eq!(late.double_bookings, 1);
        let mut rules = Rules::default();
        booked(&mut rules, 1);
        rules.call(2, &write(0));
        booked(&mut rules, 3);
        assert_eq!(rules.double_bookings, 0, "the write of nobody knows what became of it may have set it free");
        rules.refused(2, &write(0));
        booked(&mut rules, 4);
        assert_eq!((rules.double_bookings, rules.tested), (1, true));
    }

    #[test]
    fn rows_of_different_tables_want_different_keys() {
        let insert = |rules: &mut Rules, request, table: &str, number| {
            let ask = Request::Insert { table: table.into(), value: Value::Int(0) };
            rules.ok(request, &ask, &Ret::Value(Some(Value::Int(number))));
        };
        let mut rules = Rules::default();
        insert(&mut rules, 1, "orders", 1);
        insert(&mut rules, 2, "users", 1);
        assert!(!rules.tested && rules.broken.is_none());
        insert(&mut rules, 3, "orders", 2);
        assert!(rules.tested && rules.broken.is_none());
        insert(&mut rules, 4, "users", 1);
        assert_eq!((rules.duplicate_keys, rules.broken.map(|(_, witness)| witness)), (1, Some(vec![2, 4])));
    }
}
