//! Two logs as one: every line of both, once.

use std::collections::BTreeSet;
use std::iter::Peekable;

use serde::Deserialize;

use crate::review::Stamp;

/// A line with the time by which it is sorted in.
type Timed<'t> = (Stamp, &'t str);

/// Every line of `mine`, and those of `theirs` that are not in it, by time. The lines of each log keep their order, whatever the
/// clock of the machine that wrote it did.
pub fn merge(mine: &str, theirs: &str) -> String {
    let known: BTreeSet<&str> = mine.lines().collect();
    let mut one = timed(mine.lines()).peekable();
    let mut two = timed(theirs.lines().filter(|line| !known.contains(line))).peekable();
    let mut merged = String::with_capacity(mine.len() + theirs.len());
    while let Some(line) = earlier(&mut one, &mut two) {
        merged.push_str(line);
        merged.push('\n');
    }
    merged
}

/// The next line: of the first where both are of the same time.
fn earlier<'t>(
    one: &mut Peekable<impl Iterator<Item = Timed<'t>>>,
    two: &mut Peekable<impl Iterator<Item = Timed<'t>>>,
) -> Option<&'t str> {
    let from_two = match (one.peek(), two.peek()) {
        (Some((first, _)), Some((second, _))) => second < first,
        (first, _) => first.is_none(),
    };
    if from_two { two.next() } else { one.next() }.map(|(_, line)| line)
}

/// Each line with its time. One that says none stays behind the line before it.
fn timed<'t>(lines: impl Iterator<Item = &'t str>) -> impl Iterator<Item = Timed<'t>> {
    lines.filter(|line| !line.trim().is_empty()).scan(Stamp(i64::MIN), |last, line| {
        *last = time(line).unwrap_or(*last);
        Some((*last, line))
    })
}

fn time(line: &str) -> Option<Stamp> {
    #[derive(Deserialize)]
    struct At {
        at: Stamp,
    }
    serde_json::from_str::<At>(line).ok().map(|at| at.at)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn lines_come_by_time_and_once() {
        let line = |at: i64, what: &str| format!("{{\"v\":1,\"at\":{at},\"x\":\"{what}\"}}\n");
        let mine = [line(1, "a"), line(5, "b"), "noise\n".to_string(), line(9, "c")].concat();
        let theirs = [line(1, "a"), line(3, "d"), line(7, "e")].concat();
        let both = [line(1, "a"), line(3, "d"), line(5, "b"), "noise\n".to_string(), line(7, "e"), line(9, "c")].concat();
        assert_eq!(merge(&mine, &theirs), both);
        assert_eq!(merge(&both, &theirs), both);
        assert_eq!(merge(&mine, ""), mine);
        assert_eq!(merge("", &mine), mine);
    }

    fn log() -> impl Strategy<Value = String> {
        let line = (0i64..30, 0u8..3).prop_map(|(at, what)| format!("{{\"v\":1,\"at\":{at},\"x\":{what}}}\n"));
        prop::collection::vec(line, 0..20).prop_map(|lines| lines.concat())
    }

    proptest! {
        #[test]
        fn nothing_is_lost_and_nothing_comes_from_nowhere(mine in log(), theirs in log()) {
            let merged = merge(&mine, &theirs);
            let set = |text: &str| text.lines().map(str::to_string).collect::<BTreeSet<_>>();
            prop_assert_eq!(set(&merged), set(&format!("{mine}{theirs}")));
            prop_assert_eq!(merge(&merged, &theirs), merged.clone());
            prop_assert_eq!(merge(&merged, &mine), merged.clone());
            let of_mine: Vec<&str> = mine.lines().collect();
            let mut left = of_mine.iter().copied().peekable();
            for line in merged.lines() {
                if left.peek() == Some(&line) {
                    left.next();
                }
            }
            prop_assert_eq!(left.next(), None, "the order of a log is kept");
        }
    }
}
