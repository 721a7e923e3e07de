//! What is written down is read back equal, and small.

use proptest::prelude::*;

use std::borrow::Cow;

use super::*;
use crate::packs;
use crate::sim::id::{NodeId, RequestId};
use crate::sim::time::{Span, Time};

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
