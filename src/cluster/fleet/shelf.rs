//! What a database keeps: the price of each product with a checksum, and the carts.

use imbl::Vector;

use crate::algo::hash::{fnv1a, fnv1a_on};
use crate::check::operation::Key;
use crate::persistent::OrdMap;
use crate::sim::draw::Stream;
use crate::sim::id::RequestId;

use super::message::{CartId, Line};

/// Every cart, with its lines in the order of their requests.
pub(super) type Carts = OrdMap<CartId, OrdMap<RequestId, Key>>;

/// A row: what it says, and the sum that was taken when it was written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Row {
    /// The price, in cents.
    pub price: u32,
    /// How often the shop had changed the price.
    version: u32,
    sum: u32,
}

/// A price has so many bits, and any of them can rot.
const BITS: u64 = 12;
/// The highest price, in cents.
pub(super) const MOST: u32 = (1 << BITS) - 1;

/// A price in cents, from the way in which it is printed: `9.99`, `12`. `None`: it is none.
pub(super) fn cents(text: &str) -> Option<u32> {
    let (whole, part) = text.split_once('.').unwrap_or((text, "00"));
    let digits = |text: &str| text.parse::<u32>().ok().filter(|_| text.bytes().all(|byte| byte.is_ascii_digit()));
    let cents = digits(whole)?.checked_mul(100)?.checked_add(digits(part).filter(|_| part.len() == 2)?)?;
    (1..=MOST).contains(&cents).then_some(cents)
}

impl Row {
    /// A row that is written for the first time.
    pub fn of(price: u32) -> Row {
        Row { price, version: 0, sum: sum_of(price, 0) }
    }

    /// The row with another price.
    #[must_use]
    pub fn with_price(self, price: u32) -> Row {
        let version = self.version + 1;
        Row { price, version, sum: sum_of(price, version) }
    }

    /// Whether its price was set after that of another copy.
    pub fn is_newer_than(self, other: Row) -> bool {
        self.version > other.version
    }

    /// Whether it is as it was written: the end-to-end argument of Saltzer, Reed and Clark (1984).
    pub fn is_whole(self) -> bool {
        self.sum == sum_of(self.price, self.version)
    }

    fn rot(&mut self, draws: &mut Stream) {
        self.price ^= 1 << draws.below(BITS);
    }
}

fn sum_of(price: u32, version: u32) -> u32 {
    fnv1a_on(fnv1a(&price.to_le_bytes()), &version.to_le_bytes()) as u32
}

/// The disk of a database; that of any other server stays empty.
#[derive(Clone, Debug, Default)]
pub struct Disk {
    /// The rows by number; none on a disk that is new.
    pub rows: Vector<Row>,
    /// The carts.
    pub carts: Carts,
}

impl Disk {
    /// Every price as the shop set it.
    pub fn stocked(rows: u32) -> Vector<Row> {
        (0..rows).map(|row| Row::of(price_of(row))).collect()
    }

    /// Puts a line into a cart. A line that is there stays one line.
    pub fn add(&mut self, cart: CartId, line: Line) {
        self.carts.entry(cart).or_default().insert(line.request, line.item);
    }

    /// Has so many rows: new ones as the shop first set them, and those that it had.
    pub fn resize(&mut self, rows: u32) {
        let known = self.rows.len() as u32;
        self.rows.truncate(rows as usize);
        self.rows.extend((known..rows).map(|row| Row::of(price_of(row))));
    }

    /// Takes in the rows of another that are newer. `true`: there were any.
    pub fn renew(&mut self, rows: &Vector<Row>, sums: bool) -> bool {
        let is_news = |(mine, theirs): &(&Row, &Row)| theirs.is_newer_than(**mine) && (theirs.is_whole() || !sums);
        let at: Vec<usize> = self.rows.iter().zip(rows).enumerate().filter(|(_, pair)| is_news(pair)).map(|(at, _)| at).collect();
        for at in &at {
            self.rows[*at] = rows[*at];
        }
        !at.is_empty()
    }

    /// Whether it has everything that is in these carts.
    pub fn has_all(&self, carts: &Carts) -> bool {
        let has = |(cart, lines): (&CartId, &OrdMap<RequestId, Key>)| {
            self.carts.get(cart).is_some_and(|mine| mine.ptr_eq(lines) || lines.keys().all(|line| mine.contains_key(line)))
        };
        self.carts.ptr_eq(carts) || carts.iter().all(has)
    }

    /// Takes in all carts of another.
    pub fn join(&mut self, carts: &Carts) {
        for (cart, lines) in carts {
            let mine = self.carts.entry(*cart).or_default();
            lines.iter().for_each(|(request, item)| _ = mine.insert(*request, item.clone()));
        }
    }

    /// A row rots, this one or any; its number is returned.
    pub fn rot(&mut self, row: Option<u32>, draws: &mut Stream) -> Option<u32> {
        let row = row.unwrap_or_else(|| draws.below(self.rows.len() as u64) as u32);
        self.rows.get_mut(row as usize)?.rot(draws);
        Some(row)
    }

    /// How many rows are not as they were written.
    pub fn damaged(&self) -> usize {
        self.rows.iter().filter(|row| !row.is_whole()).count()
    }
}

/// The row of a product.
pub(super) fn row_of(item: &Key, rows: u32) -> u32 {
    (fnv1a(item.as_bytes()) % u64::from(rows.max(1))) as u32
}

/// The price of a row, in cents, as the shop set it: from 5.00 to 37.99.
pub(super) fn price_of(row: u32) -> u32 {
    500 + row * 1237 % 3300
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sim::draw::{Concern, Draws};

    #[test]
    fn a_rotten_bit_is_noticed_by_its_sum_and_by_nothing_else() {
        let draws = Draws::new(1);
        for number in 0..200 {
            let mut disk = Disk { rows: Disk::stocked(20), ..Disk::default() };
            let row = disk.rot(None, &mut draws.at(Concern::Protocol, number)).unwrap();
            assert!(disk.rows[row as usize].price != price_of(row) && !disk.rows[row as usize].is_whole());
            assert_eq!(disk.damaged(), 1);
        }
        assert_eq!(Disk::default().rot(None, &mut draws.at(Concern::Protocol, 0)), None, "an empty disk has nothing to rot");
    }

    #[test]
    fn prices_are_read_as_they_are_printed() {
        let read = ["9.99", "12", "0.01", "40.95", "0.00", "40.96", "9.9", "-1", "+1.00", "", ".", "9.999", "99999999999"].map(cents);
        assert_eq!(read[..4], [Some(999), Some(1200), Some(1), Some(4095)]);
        assert!(read[4..].iter().all(Option::is_none), "{read:?}");
    }

    #[test]
    fn the_newer_of_two_rows_stays_and_its_sum_is_right() {
        let old = Row::of(500);
        let new = old.with_price(999);
        assert!(new.is_whole() && new.is_newer_than(old) && !old.is_newer_than(new) && new != Row::of(999));
        let mut disk = Disk { rows: [old, old, new].into_iter().collect(), ..Disk::default() };
        assert!(disk.renew(&[old, new, old].into_iter().collect(), true));
        assert_eq!(disk.rows, [old, new, new].into_iter().collect());
        assert!(!disk.renew(&[old; 3].into_iter().collect(), true), "what is not newer is no news");
        let rotten = Row { price: new.price ^ 1, ..new };
        assert!(!disk.renew(&[rotten].into_iter().collect(), true) && disk.renew(&[rotten].into_iter().collect(), false));
    }

    #[test]
    fn more_products_leave_the_prices_of_those_there_were() {
        let new = Row::of(500).with_price(999);
        let mut disk = Disk { rows: [new].into_iter().collect(), ..Disk::default() };
        disk.resize(3);
        assert_eq!(disk.rows, [new, Row::of(price_of(1)), Row::of(price_of(2))].into_iter().collect());
        disk.resize(1);
        assert_eq!(disk.rows, [new].into_iter().collect());
    }

    #[test]
    fn a_cart_is_a_set_of_requests() {
        let (cart, line) =
            (CartId { user: crate::sim::id::NodeId::client(0), number: 0 }, Line { request: RequestId(7), item: "book".into() });
        let (mut one, mut two) = (Disk::default(), Disk::default());
        one.add(cart, line.clone());
        one.add(cart, line.clone());
        two.add(cart, Line { request: RequestId(9), ..line });
        one.join(&two.carts);
        two.join(&one.carts);
        assert_eq!((one.carts[&cart].len(), &one.carts), (2, &two.carts));
        assert!(one.has_all(&two.carts) && !Disk::default().has_all(&two.carts));
    }
}
