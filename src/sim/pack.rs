//! Writes values down in few bytes and reads them back equal: whole numbers by their size (LEB128, with the sign folded in as in Protocol
//! Buffers), those that lie near each other by what lies between them, and what many values share once.

#[cfg(test)]
mod tests;
mod values;

use std::any::Any;
use std::sync::Arc;

/// What can be written down and read back equal. What is written hangs on the value alone and on what was written before it.
///
/// A type that does not say how is kept as it is, in a place of its own: always right, and never small.
pub trait Pack: Clone + Send + Sync + 'static {
    /// Writes it down.
    fn pack(&self, out: &mut Packer) {
        out.share(&Arc::new(self.clone()));
    }

    /// Reads what [`Pack::pack`] wrote.
    fn unpack(from: &mut Unpacker<'_>) -> Self {
        let kept: Arc<Self> = from.shared();
        Self::clone(&kept)
    }
}

/// Numbers of one kind, each of which is probably near the one before.
#[derive(Clone, Copy, Debug)]
pub enum Near {
    /// Numbers of events.
    Event,
    /// Moments.
    Time,
    /// Numbers of requests.
    Request,
    /// Numbers that clients write and read.
    Value,
}

/// So many count apart from each other what each of them has done; what more there are share.
const COUNTING: usize = 8;

/// The last number of each kind, and of each who counts.
#[derive(Debug, Default)]
struct Last {
    kinds: [u64; 4],
    counts: [u64; COUNTING],
}

/// What lies between a number and the last one, which it takes the place of.
fn step(last: &mut u64, number: u64) -> i64 {
    number.wrapping_sub(std::mem::replace(last, number)) as i64
}

/// The number that lies so far from the last one, which it takes the place of.
fn stepped(last: &mut u64, step: i64) -> u64 {
    *last = last.wrapping_add(step as u64);
    *last
}

/// So many names are looked through for one that was written before; what comes after them is written out each time.
const NAMES: usize = 32;

/// A text that is probably written more than once.
#[derive(Clone)]
enum Name {
    Text(Arc<str>),
    Word(&'static str),
}

type Held = Arc<dyn Any + Send + Sync>;

/// Values that were written down.
pub(super) struct Written {
    bytes: Box<[u8]>,
    names: Arc<[Name]>,
    held: Box<[Held]>,
}

impl Written {
    /// Writes down some values, with the names of other values where they will do.
    pub(super) fn of<T: Pack>(values: impl Iterator<Item = T>, before: Option<&Written>) -> Written {
        let known = before.map(|before| Arc::clone(&before.names)).unwrap_or_default();
        let mut out = Packer { names: known.to_vec(), ..Packer::default() };
        values.for_each(|value| value.pack(&mut out));
        let names = if out.names.len() == known.len() { known } else { out.names.into() };
        Written { bytes: out.bytes.into(), names, held: out.held.into() }
    }

    /// To read them back, from the first on.
    pub(super) fn read(&self) -> Unpacker<'_> {
        Unpacker { written: self, at: 0, last: Last::default() }
    }

    /// How many bytes it takes, without what it shares with others.
    pub(super) fn len(&self) -> usize {
        size_of::<Written>() + self.bytes.len() + size_of_val::<[Held]>(&self.held)
    }
}

/// Where values are written down.
#[derive(Default)]
pub struct Packer {
    bytes: Vec<u8>,
    names: Vec<Name>,
    held: Vec<Held>,
    last: Last,
}

impl Packer {
    /// One byte.
    pub fn byte(&mut self, byte: u8) {
        self.bytes.push(byte);
    }

    /// A whole number; the smaller, the shorter.
    pub fn number(&mut self, mut number: u64) {
        while number >= 0x80 {
            self.byte(number as u8 | 0x80);
            number >>= 7;
        }
        self.byte(number as u8);
    }

    /// A whole number that is probably near the last of its kind.
    pub fn near(&mut self, kind: Near, number: u64) {
        let step = step(&mut self.last.kinds[kind as usize], number);
        self.number(fold(step));
    }

    /// How far somebody has counted, which is probably near what was written of them last.
    pub fn count(&mut self, who: usize, number: u64) {
        let step = step(&mut self.last.counts[who % COUNTING], number);
        self.number(fold(step));
    }

    /// A text: as a reference to one that was written before, or written out.
    pub fn text(&mut self, text: &Arc<str>) {
        let known = self.names.iter().position(|name| matches!(name, Name::Text(known) if known == text));
        match known {
            Some(place) => self.number(place as u64 + 1),
            None if self.names.len() < NAMES => self.add(Name::Text(Arc::clone(text))),
            None => {
                self.byte(0);
                self.number(text.len() as u64);
                self.bytes.extend_from_slice(text.as_bytes());
            }
        }
    }

    /// A word of the program.
    pub fn word(&mut self, word: &'static str) {
        match self.names.iter().position(|name| matches!(name, Name::Word(known) if *known == word)) {
            Some(place) => self.number(place as u64 + 1),
            None => self.add(Name::Word(word)),
        }
    }

    /// Something that others hold too, or that there is no shorter form of.
    pub fn share<T: Any + Send + Sync>(&mut self, what: &Arc<T>) {
        let is_it = |held: &Held| std::ptr::addr_eq(Arc::as_ptr(held), Arc::as_ptr(what));
        let place = self.held.iter().position(is_it).unwrap_or_else(|| {
            self.held.push(what.clone());
            self.held.len() - 1
        });
        self.number(place as u64);
    }

    fn add(&mut self, name: Name) {
        self.names.push(name);
        self.number(self.names.len() as u64);
    }
}

/// Reads values back, in the order in which they were written.
pub struct Unpacker<'a> {
    written: &'a Written,
    at: usize,
    last: Last,
}

impl Unpacker<'_> {
    /// One byte.
    pub fn byte(&mut self) -> u8 {
        self.at += 1;
        self.written.bytes[self.at - 1]
    }

    /// A whole number.
    pub fn number(&mut self) -> u64 {
        let (mut number, mut shift) = (0, 0);
        loop {
            let byte = self.byte();
            number |= u64::from(byte & 0x7f) << shift;
            shift += 7;
            if byte < 0x80 {
                return number;
            }
        }
    }

    /// A whole number that was written near the last of its kind.
    pub fn near(&mut self, kind: Near) -> u64 {
        let step = unfold(self.number());
        stepped(&mut self.last.kinds[kind as usize], step)
    }

    /// How far somebody has counted.
    pub fn count(&mut self, who: usize) -> u64 {
        let step = unfold(self.number());
        stepped(&mut self.last.counts[who % COUNTING], step)
    }

    /// A text.
    pub fn text(&mut self) -> Arc<str> {
        match self.name() {
            Some(Name::Text(text)) => Arc::clone(text),
            Some(Name::Word(_)) => mixed_up(),
            None => {
                let (length, start) = (self.number() as usize, self.at);
                self.at += length;
                // What a text was written from is a text; nothing is lost.
                String::from_utf8_lossy(&self.written.bytes[start..start + length]).into()
            }
        }
    }

    /// A word of the program.
    pub fn word(&mut self) -> &'static str {
        if let Some(Name::Word(word)) = self.name() { word } else { mixed_up() }
    }

    /// Something that is shared.
    pub fn shared<T: Any + Send + Sync>(&mut self) -> Arc<T> {
        let place = self.number() as usize;
        Arc::clone(&self.written.held[place]).downcast().unwrap_or_else(|_| mixed_up())
    }

    fn name(&mut self) -> Option<&Name> {
        let place = (self.number() as usize).checked_sub(1)?;
        Some(&self.written.names[place])
    }
}

/// The sign of a number in its last bit, so that small numbers of either sign are short.
fn fold(number: i64) -> u64 {
    ((number << 1) ^ (number >> 63)) as u64
}

fn unfold(number: u64) -> i64 {
    (number >> 1) as i64 ^ -((number & 1) as i64)
}

/// A type that reads something else than it wrote.
#[doc(hidden)]
#[expect(clippy::panic, reason = "a mistake of the program, which the first value that is read back finds")]
#[cold]
pub fn mixed_up() -> ! {
    panic!("a value is read back as it was written")
}

/// How a type is written down: field by field, in the order given here.
///
/// `packs!(struct Line { request, item })`; `packs!(enum Op { 0 = View { item: item }, 1 = Checkout {} })`, where each variant has a number
/// and each field a name to be bound to (`{ 0: text }` for one without a name); `packs!(shared Statement)`, of which an `Arc` is held and
/// nothing is copied; `packs!(apart Entry)`, of which what an `Arc` holds is written out.
#[macro_export]
macro_rules! packs {
    (shared $name:ty) => {
        impl $crate::sim::pack::Pack for ::std::sync::Arc<$name> {
            fn pack(&self, out: &mut $crate::sim::pack::Packer) {
                out.share(self);
            }

            fn unpack(from: &mut $crate::sim::pack::Unpacker<'_>) -> Self {
                from.shared()
            }
        }
    };
    (apart $name:ty) => {
        impl $crate::sim::pack::Pack for ::std::sync::Arc<$name> {
            fn pack(&self, out: &mut $crate::sim::pack::Packer) {
                <$name as $crate::sim::pack::Pack>::pack(self, out);
            }

            fn unpack(from: &mut $crate::sim::pack::Unpacker<'_>) -> Self {
                ::std::sync::Arc::new($crate::sim::pack::Pack::unpack(from))
            }
        }
    };
    (struct $name:ty { $($field:tt),* }) => {
        impl $crate::sim::pack::Pack for $name {
            fn pack(&self, out: &mut $crate::sim::pack::Packer) {
                $($crate::sim::pack::Pack::pack(&self.$field, out);)*
            }

            fn unpack(from: &mut $crate::sim::pack::Unpacker<'_>) -> Self {
                Self { $($field: $crate::sim::pack::Pack::unpack(from)),* }
            }
        }
    };
    (enum $name:ty { $($number:literal = $variant:ident { $($field:tt: $bound:ident),* }),* }) => {
        impl $crate::sim::pack::Pack for $name {
            fn pack(&self, out: &mut $crate::sim::pack::Packer) {
                match self {
                    $(Self::$variant { $($field: $bound),* } => {
                        out.byte($number);
                        $($crate::sim::pack::Pack::pack($bound, out);)*
                    })*
                }
            }

            fn unpack(from: &mut $crate::sim::pack::Unpacker<'_>) -> Self {
                match from.byte() {
                    $($number => Self::$variant { $($field: $crate::sim::pack::Pack::unpack(from)),* },)*
                    _ => $crate::sim::pack::mixed_up(),
                }
            }
        }
    };
}
