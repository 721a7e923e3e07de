//! Cycles against every order tried one by one, and each phenomenon by the history that its paper gives for it.

use proptest::prelude::*;

use super::*;

type Told = History<char, u8>;

fn v(writer: u8) -> Version<u8> {
    Version { writer: (writer > 0).then_some(writer), number: u32::from(writer > 0) }
}

/// A history in the notation of Berenson et al.: `r1x0` reads version 0 of x (which was there at the start), `w1x` installs, `a1` aborts,
/// `r1x-` finds no such row, `s1` looks for all rows from a to z and finds none but those installed so far.
fn history(text: &str) -> Told {
    let mut history = Told::default();
    for key in ['x', 'y'] {
        history.install(key, Version::START);
    }
    for word in text.split_whitespace() {
        let [what, unit, rest @ ..] = word.as_bytes() else { panic!("{word}") };
        let unit = unit - b'0';
        match (what, rest) {
            (b'r', [key, b'-']) => history.read(unit, one(&char::from(*key), None)),
            (b'r', [key, version]) => history.read(unit, one(&char::from(*key), Some(v(version - b'0')))),
            (b'w', [key]) => history.install(char::from(*key), v(unit)),
            (b'a', []) => history.abort(unit),
            (b's', []) => {
                let seen = history.orders.iter().filter_map(|(key, order)| Some((*key, *order.last()?))).collect();
                history.read(unit, Read { reach: Reach { from: 'a', to: 'z' }, seen });
            }
            _ => panic!("{word}"),
        }
    }
    history
}

fn found(text: &str) -> Vec<Phenomenon> {
    phenomena(&history(text)).into_iter().map(|found| found.what).collect()
}

#[test]
fn each_phenomenon_is_named() {
    use Phenomenon::*;
    for (text, expected) in [
        ("r1x0 w1x r2x1 w2x", vec![]),
        ("w1x w2x w2y w1y", vec![DirtyWrite]),
        ("r1x2 a2", vec![AbortedRead]),
        ("r1x0 r2x0 w1x w2x", vec![LostUpdate, ReadSkew]),
        ("r1x0 w2x w2y r1y2", vec![ReadSkew]),
        ("r1x0 r1y0 r2x0 r2y0 w1x w2y", vec![WriteSkew]),
        ("s1 s2 w1p w2q", vec![Phantom]),
        ("r1y2 r2x1 w1x w2y", vec![CircularFlow]),
        // Fekete 2004: only the reader makes it wrong.
        ("r2x0 r2y0 r1y0 w1y r3x0 r3y1 w2x", vec![WriteSkew]),
    ] {
        assert_eq!(found(text), expected, "{text}");
        let breaks_order = expected.iter().any(|what| *what != AbortedRead);
        assert_eq!(is_serializable(&history(text)), !breaks_order, "{text}");
    }
}

#[test]
fn what_its_writer_overwrote_is_an_intermediate_read() {
    let mut history = Told::default();
    history.install('x', Version { writer: Some(1), number: 2 });
    history.read(2, one(&'x', Some(Version { writer: Some(1), number: 1 })));
    assert_eq!(phenomena(&history), vec![Found { what: Phenomenon::IntermediateRead, units: vec![2, 1] }]);
}

#[test]
fn the_transactions_of_a_cycle_are_named_in_its_order() {
    let found = phenomena(&history("r1x0 w2x w2y r1y2"));
    assert_eq!(found[0].units, vec![1, 2]);
}

#[test]
fn what_is_forgotten_breaks_nothing_any_more() {
    let mut told = history("r1x0 w2x w2y r1y2 r3x2");
    told.forget(1);
    assert_eq!(phenomena(&told), vec![]);
    told.forget(2);
    assert!(told.units.contains_key(&3) && is_serializable(&told));
}

/// Whether these transactions, one after the other, would have seen what they saw, and installed what they installed.
fn explains(order: &[u8], history: &Told) -> bool {
    let place = |unit: u8| order.iter().position(|other| *other == unit);
    let sorted = |order: &imbl::Vector<Version<u8>>| {
        let places: Vec<Option<usize>> = order.iter().filter_map(|version| version.writer).map(place).collect();
        places.windows(2).all(|pair| pair[0] <= pair[1])
    };
    let sees = |unit: u8, key: &char, version: Option<Version<u8>>| {
        let order = history.orders.get(key);
        let before = order.into_iter().flatten().rfind(|v| v.writer.is_none_or(|writer| place(writer) < place(unit)));
        before.copied() == version
    };
    let reads = |unit: &u8| {
        history.units[unit].reads.iter().all(|read| {
            let keys = history.orders.keys().filter(|key| read.reach.covers(key));
            keys.into_iter().all(|key| sees(*unit, key, read.seen.iter().find(|(seen, _)| seen == key).map(|(_, version)| *version)))
        })
    };
    history.orders.values().all(sorted) && order.iter().all(reads)
}

fn permutations(units: &[u8]) -> Vec<Vec<u8>> {
    if units.is_empty() {
        return vec![Vec::new()];
    }
    let rest = |at: usize| {
        let others: Vec<u8> = units.iter().copied().enumerate().filter(|(other, _)| *other != at).map(|(_, unit)| unit).collect();
        permutations(&others).into_iter().map(move |mut order| {
            order.insert(0, units[at]);
            order
        })
    };
    (0..units.len()).flat_map(rest).collect()
}

/// Transactions that read before they write, each row once, with reads of versions that came to be.
fn any_history() -> impl Strategy<Value = Told> {
    let action = (1u8..5, 0u8..3, 0usize..4, any::<bool>());
    proptest::collection::vec(action, 1..10).prop_map(|actions| {
        let mut history = Told::default();
        for key in ['x', 'y'] {
            history.install(key, Version::START);
        }
        let keys = ['x', 'y', 'z'];
        for (unit, key, _, writes) in &actions {
            let key = keys[usize::from(*key)];
            if *writes && !history.is_installed(&key, v(*unit)) {
                history.install(key, v(*unit));
            }
        }
        for (unit, key, version, writes) in actions {
            let key = keys[usize::from(key)];
            let order: Vec<Version<u8>> = history.orders.get(&key).into_iter().flatten().copied().collect();
            let seen = order.get(version % (order.len() + 1)).copied();
            // What it wrote itself, or after it wrote, is nobody's business here.
            if !writes && !order.contains(&v(unit)) && (seen.is_some() || key == 'z') {
                history.read(unit, one(&key, seen));
            }
        }
        history
    })
}

proptest! {
    #[test]
    fn a_cycle_is_what_no_order_explains(history in any_history()) {
        let units: Vec<u8> = history.units.keys().copied().collect();
        let explained = permutations(&units).iter().any(|order| explains(order, &history));
        prop_assert_eq!(is_serializable(&history), explained);
        prop_assert_eq!(phenomena(&history).is_empty(), explained);
    }
}
