//! How numbers, texts, moments and collections are written down.

use std::borrow::Cow;
use std::sync::Arc;

use crate::sim::id::{NodeId, RequestId};
use crate::sim::time::{Span, Time};

use super::{Near, Pack, Packer, Unpacker};
use crate::packs;

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

impl Pack for String {
    fn pack(&self, out: &mut Packer) {
        out.text(&self.as_str().into());
    }

    fn unpack(from: &mut Unpacker<'_>) -> String {
        from.text().to_string()
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
