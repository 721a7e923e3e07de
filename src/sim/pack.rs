//! Writes values down in few bytes and reads them back equal: whole numbers by their size (LEB128, with the sign folded in as in Protocol
//! Buffers), those that lie near each other by what lies between them, and what many values share once.

use std::any::Any;
use std::borrow::Cow;
use std::sync::Arc;

use super::id::{NodeId, RequestId};
use super::time::{Span, Time};

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

/// The last number of each kind.
#[derive(Debug, Default)]
struct Last([u64; 4]);

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
        let last = &mut self.last.0[kind as usize];
        let step = number.wrapping_sub(*last) as i64;
        *last = number;
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
        let last = &mut self.last.0[kind as usize];
        *last = last.wrapping_add(step as u64);
        *last
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

/// Whole numbers by their size.
macro_rules! numbers {
    ($($number:ty)*) => {
        $(impl Pack for $number {
            fn pack(&self, out: &mut Packer) {
                out.number(*self as u64);
            }

            fn unpack(from: &mut Unpacker<'_>) -> Self {
                from.number() as $number
            }
        })*
    };
}

numbers! { u8 u16 u32 u64 usize }

impl Pack for () {
    fn pack(&self, _: &mut Packer) {}

    fn unpack(_: &mut Unpacker<'_>) {}
}

impl Pack for bool {
    fn pack(&self, out: &mut Packer) {
        out.byte((*self).into());
    }

    fn unpack(from: &mut Unpacker<'_>) -> bool {
        from.byte() != 0
    }
}

/// As clients write them: near each other.
impl Pack for i64 {
    fn pack(&self, out: &mut Packer) {
        out.near(Near::Value, *self as u64);
    }

    fn unpack(from: &mut Unpacker<'_>) -> i64 {
        from.near(Near::Value) as i64
    }
}

impl Pack for Time {
    fn pack(&self, out: &mut Packer) {
        out.near(Near::Time, self.0);
    }

    fn unpack(from: &mut Unpacker<'_>) -> Time {
        Time(from.near(Near::Time))
    }
}

packs!(struct Span { 0 });

impl Pack for RequestId {
    fn pack(&self, out: &mut Packer) {
        out.near(Near::Request, self.0.into());
    }

    fn unpack(from: &mut Unpacker<'_>) -> RequestId {
        RequestId(from.near(Near::Request) as u32)
    }
}

impl Pack for NodeId {
    fn pack(&self, out: &mut Packer) {
        out.number(self.index() as u64 * 2 + u64::from(self.is_client()));
    }

    fn unpack(from: &mut Unpacker<'_>) -> NodeId {
        let number = from.number();
        if number % 2 == 1 { NodeId::client((number / 2) as u16) } else { NodeId::server((number / 2) as u16) }
    }
}

impl Pack for Arc<str> {
    fn pack(&self, out: &mut Packer) {
        out.text(self);
    }

    fn unpack(from: &mut Unpacker<'_>) -> Arc<str> {
        from.text()
    }
}

impl Pack for &'static str {
    fn pack(&self, out: &mut Packer) {
        out.word(self);
    }

    fn unpack(from: &mut Unpacker<'_>) -> &'static str {
        from.word()
    }
}

impl Pack for Cow<'static, str> {
    fn pack(&self, out: &mut Packer) {
        match self {
            Cow::Borrowed(word) => Some(*word).pack(out),
            Cow::Owned(text) => {
                None::<&'static str>.pack(out);
                out.text(&text.as_str().into());
            }
        }
    }

    fn unpack(from: &mut Unpacker<'_>) -> Cow<'static, str> {
        Option::unpack(from).map_or_else(|| Cow::Owned(from.text().to_string()), Cow::Borrowed)
    }
}

impl<T: Pack> Pack for Option<T> {
    fn pack(&self, out: &mut Packer) {
        self.is_some().pack(out);
        if let Some(value) = self {
            value.pack(out);
        }
    }

    fn unpack(from: &mut Unpacker<'_>) -> Option<T> {
        bool::unpack(from).then(|| T::unpack(from))
    }
}

impl<A: Pack, B: Pack> Pack for (A, B) {
    fn pack(&self, out: &mut Packer) {
        self.0.pack(out);
        self.1.pack(out);
    }

    fn unpack(from: &mut Unpacker<'_>) -> (A, B) {
        (A::unpack(from), B::unpack(from))
    }
}

impl<T: Pack> Pack for Vec<T> {
    fn pack(&self, out: &mut Packer) {
        self.len().pack(out);
        for item in self {
            item.pack(out);
        }
    }

    fn unpack(from: &mut Unpacker<'_>) -> Vec<T> {
        (0..usize::unpack(from)).map(|_| T::unpack(from)).collect()
    }
}

impl<T: Pack> Pack for Arc<[T]> {
    fn pack(&self, out: &mut Packer) {
        self.len().pack(out);
        for item in &**self {
            item.pack(out);
        }
    }

    fn unpack(from: &mut Unpacker<'_>) -> Arc<[T]> {
        Vec::unpack(from).into()
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    /// Something of every kind.
    #[derive(Clone, Debug, PartialEq)]
    enum Thing {
        Nothing,
        Number(u64),
        Signed(i64),
        Moment { at: Time, took: Span, who: NodeId, request: RequestId, sure: bool },
        Text(Arc<str>),
        Said(Cow<'static, str>),
        Word(Option<&'static str>),
        Many(Arc<[u32]>, Vec<Option<NodeId>>),
        Held(Arc<Opaque>),
        Kept(Opaque),
    }

    packs!(enum Thing {
        0 = Nothing {},
        1 = Number { 0: number },
        2 = Signed { 0: number },
        3 = Moment { at: at, took: took, who: who, request: request, sure: sure },
        4 = Text { 0: text },
        5 = Said { 0: text },
        6 = Word { 0: word },
        7 = Many { 0: numbers, 1: nodes },
        8 = Held { 0: what },
        9 = Kept { 0: what }
    });

    /// It does not say how it is written down.
    #[derive(Clone, Debug, PartialEq)]
    struct Opaque(u8);

    impl Pack for Opaque {}

    packs!(shared Opaque);

    fn node() -> impl Strategy<Value = NodeId> {
        (any::<bool>(), 0u16..0x8000).prop_map(|(is_client, index)| if is_client { NodeId::client(index) } else { NodeId::server(index) })
    }

    fn thing() -> impl Strategy<Value = Thing> {
        let moment = (any::<u64>(), any::<u64>(), node(), any::<u32>(), any::<bool>());
        let word = prop_oneof![Just(None), Just(Some("lost")), Just(Some("cut"))];
        prop_oneof![
            Just(Thing::Nothing),
            prop_oneof![0..300u64, any::<u64>()].prop_map(Thing::Number),
            prop_oneof![-300..300i64, any::<i64>()].prop_map(Thing::Signed),
            moment.prop_map(|(at, took, who, request, sure)| {
                Thing::Moment { at: Time(at), took: Span(took), who, request: RequestId(request), sure }
            }),
            prop_oneof!["[a-d]", "[a-zé→]{0,200}"].prop_map(|text| Thing::Text(text.into())),
            "[a-c]{0,3}".prop_map(|text| Thing::Said(text.into())),
            Just(Thing::Said("refused".into())),
            word.prop_map(Thing::Word),
            (proptest::collection::vec(any::<u32>(), 0..4), proptest::collection::vec(proptest::option::of(node()), 0..4))
                .prop_map(|(numbers, nodes)| Thing::Many(numbers.into(), nodes)),
            any::<u8>().prop_map(|byte| Thing::Held(Arc::new(Opaque(byte)))),
            any::<u8>().prop_map(|byte| Thing::Kept(Opaque(byte))),
        ]
    }

    proptest! {
        #[test]
        fn what_is_written_reads_back_equal(things in proptest::collection::vec(thing(), 0..200), known in 0usize..20) {
            let before = Written::of(things.iter().take(known).cloned(), None);
            let written = Written::of(things.iter().cloned(), Some(&before));
            let mut from = written.read();
            for thing in &things {
                prop_assert_eq!(&Thing::unpack(&mut from), thing);
            }
            prop_assert_eq!(from.at, written.bytes.len());
        }
    }

    #[test]
    fn what_is_near_or_known_is_short() {
        let at = |i: u64| Thing::Moment {
            at: Time(1_000_000_000_000 + i * 50),
            took: Span(9),
            who: NodeId::client(1),
            request: RequestId(5_000_000 + i as u32),
            sure: true,
        };
        let written = Written::of((0..100).map(at), None);
        assert!(written.bytes.len() < 100 * 6 + 16, "{}", written.bytes.len());
        let key: Arc<str> = "a rather long name of a key".into();
        let written = Written::of((0..100).map(|_| Thing::Text(Arc::clone(&key))), None);
        assert_eq!((written.bytes.len(), written.names.len()), (200, 1));
        let next = Written::of((0..100).map(|_| Thing::Text(Arc::clone(&key))), Some(&written));
        assert!(Arc::ptr_eq(&next.names, &written.names), "equal names are kept once");
    }

    #[test]
    fn what_others_hold_is_held_and_not_copied() {
        let held = Arc::new(Opaque(7));
        let written = Written::of((0..10).map(|_| Thing::Held(Arc::clone(&held))), None);
        assert_eq!((written.held.len(), Arc::strong_count(&held)), (1, 2));
        let Thing::Held(read) = Thing::unpack(&mut written.read()) else { panic!("it is what was written") };
        assert!(Arc::ptr_eq(&read, &held));
    }
}
