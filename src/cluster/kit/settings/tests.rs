//! Declared settings read what they print, and say what would be right.

use super::*;
use crate::sim::bounds::{DURATIONS, TIMERS};

words! {
    /// How.
    enum How { Slow = "slow", VeryFast = "very-fast", Not = "not" }
}

settings! {
    /// Some settings.
    struct Some {
        how: How = "very-fast", "How it is done.";
        wait_for: Timer = "5ms", "How long it waits.";
        delay: Length = "0s", "How long it is late.";
        work: Times = "exp(20ms)", "How long it takes.";
        between: Range = "150ms-300ms", "How long it takes at least and at most.";
        most: Count<1, 1000> = "40", "How many.";
        limit: OrNone<Count<2, 9>> = "none", "How many at most.";
        loss: Share = "0.5", "How much is lost.";
        log: Switch = "off", "Whether it is written down.";
        again: Attempts = "3 attempts after 1ms", "Whether it is done again.";
    }
}

#[test]
fn a_declaration_says_everything() {
    let takes: Vec<(&str, &str)> = Some::DOCS.iter().map(|doc| (doc.name, doc.takes)).collect();
    let (timer, length) = (format!("{TIMERS}"), format!("{DURATIONS}"));
    assert_eq!(takes[..3], [("how", "slow, very-fast or not"), ("wait-for", timer.as_str()), ("delay", length.as_str())]);
    assert_eq!(takes[5..7], [("most", "a whole number from 1 to 1000"), ("limit", "none, or a whole number from 2 to 9")]);
    assert_eq!(Some::DOCS[0].words, ["slow", "very-fast", "not"]);
}

#[test]
fn what_is_printed_reads_back_and_nonsense_is_refused() {
    let mut settings = Some::default();
    for doc in Some::DOCS {
        let text = settings.get(doc.name);
        assert_eq!((settings.set(doc.name, &text), settings.get(doc.name)), (Ok(()), text), "{}", doc.name);
        for wrong in ["nonsense", "", "-1ms", "1e3s", "3651d", "-1", "+3", "1001", "1.5", "nan", "2ms-1ms", "1ms-2ms-3ms"] {
            let said = settings.set(doc.name, wrong).expect_err(doc.name);
            assert!(said.contains(doc.takes) && said.contains(wrong), "{said}");
        }
        doc.words.iter().for_each(|word| assert_eq!(settings.set(doc.name, word), Ok(())));
    }
    assert_eq!((settings.set("limit", "9"), settings.limit), (Ok(()), Option::Some(9)));
    assert_eq!((settings.set("wait-for", "999us").is_err(), settings.set("delay", "999us")), (true, Ok(())));
    assert!(settings.set("how", "very-fats").is_err_and(|said| said.contains("did you mean `very-fast`?")));
    assert!(settings.set("wait_for", "1s").is_err_and(|said| said.contains("`wait-for`")));
}
