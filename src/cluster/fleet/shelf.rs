//! What a database keeps: the price of each product with a checksum, and the carts.

use imbl::{OrdMap, Vector};

use crate::algo::hash::fnv1a;
use crate::check::operation::Key;
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
    sum: u32,
}

/// A price has so many bits, and any of them can rot.
const BITS: u64 = 12;

impl Row {
    /// A row that is written now.
    pub fn of(price: u32) -> Row {
        Row { price, sum: sum_of(price) }
    }

    /// Whether it is as it was written: the end-to-end argument of Saltzer, Reed and Clark (1984).
    pub fn is_whole(self) -> bool {
        self.sum == sum_of(self.price)
    }

    fn rot(&mut self, draws: &mut Stream) {
        self.price ^= 1 << draws.below(BITS);
    }
}

fn sum_of(price: u32) -> u32 {
    fnv1a(&price.to_le_bytes()) as u32
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
    }
}
