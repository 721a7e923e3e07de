//! The course of one page: what going on and back mean, one thing at a time.
//!
//! ```text
//! text, part by part  ->  question: alone, talk, again, both counts  ->  the run, from mark to mark  ->  why, part by part  ->  next page
//! ```

use super::counts::Phase;
use crate::lesson::walk::Awaits;

/// What of a page is shown now.
#[derive(Clone, Copy, Debug, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Beat {
    /// This part of the text, from 0.
    Tell(usize),
    /// The question is put to the class.
    Vote(Phase),
    /// It happens.
    Run,
    /// This part of the reason, from 0.
    Why(usize),
}

impl Default for Beat {
    fn default() -> Beat {
        Beat::Tell(0)
    }
}

/// How it is with a page.
#[expect(clippy::struct_excessive_bools, reason = "each is seen on its own")]
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Situation {
    /// Parts of its text.
    pub tells: usize,
    /// Parts of what is said when it is over.
    pub whys: usize,
    /// Whether a prediction is to be made.
    pub asks: bool,
    /// Whether something was counted.
    pub counted: bool,
    /// What the step waits for.
    pub awaits: Awaits,
    /// Whether it plays.
    pub playing: bool,
    /// Whether something was poked and no time has passed since.
    pub poked: bool,
}

/// What is to be done.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Deed {
    /// Shows this.
    Show(Beat),
    /// Has the right answer happen.
    Answer,
    /// Plays.
    Play,
    /// Jumps to the next stop.
    Skip,
    /// Begins the solution.
    Solve,
    /// Carries out the next command of the solution.
    Command,
    /// Runs what the step measures.
    Measure,
    /// One stop back in the run; where there is none, shows the other.
    Stop(Beat),
    /// The next page.
    NextPage,
    /// The page before.
    PageBefore,
}

impl Beat {
    /// What going on does.
    pub fn on(self, now: &Situation) -> Deed {
        match self {
            Beat::Tell(part) if part + 1 < now.tells => Deed::Show(Beat::Tell(part + 1)),
            Beat::Tell(_) if now.asks => Deed::Show(Beat::Vote(Phase::Alone)),
            Beat::Vote(Phase::Alone) if now.asks => Deed::Show(Beat::Vote(Phase::Discuss)),
            Beat::Vote(Phase::Discuss) if now.asks => Deed::Show(Beat::Vote(Phase::Again)),
            Beat::Vote(Phase::Again) if now.asks && now.counted => Deed::Show(Beat::Vote(Phase::Both)),
            Beat::Tell(_) | Beat::Vote(_) | Beat::Run => run(now),
            Beat::Why(part) if part + 1 < now.whys => Deed::Show(Beat::Why(part + 1)),
            Beat::Why(_) => Deed::NextPage,
        }
    }

    /// What going back does.
    pub fn back(self, now: &Situation) -> Deed {
        let told = Beat::Tell(now.tells.saturating_sub(1));
        match self {
            Beat::Tell(0) => Deed::PageBefore,
            Beat::Tell(part) => Deed::Show(Beat::Tell(part - 1)),
            Beat::Vote(phase) => Deed::Show(phase.before().map_or(told, Beat::Vote)),
            Beat::Run => Deed::Stop(told),
            Beat::Why(0) => Deed::Show(Beat::Run),
            Beat::Why(part) => Deed::Show(Beat::Why(part - 1)),
        }
    }
}

/// Everything is told, and the question was put: it happens, or is over.
fn run(now: &Situation) -> Deed {
    match now.awaits {
        _ if now.playing => Deed::Skip,
        Awaits::Answer => Deed::Answer,
        Awaits::Watching => Deed::Play,
        Awaits::Goal if now.poked => Deed::Play,
        Awaits::Goal => Deed::Solve,
        Awaits::Command => Deed::Command,
        Awaits::Measuring => Deed::Measure,
        Awaits::Nothing if now.whys > 0 => Deed::Show(Beat::Why(0)),
        Awaits::Nothing => Deed::NextPage,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOW: Situation =
        Situation { tells: 2, whys: 1, asks: false, counted: false, awaits: Awaits::Nothing, playing: false, poked: false };

    /// Everything that is shown when one goes on and on; what is done happens at once.
    fn walked(mut now: Situation) -> Vec<Deed> {
        let (mut beat, mut deeds) = (Beat::default(), Vec::new());
        loop {
            let deed = beat.on(&now);
            deeds.push(deed);
            match deed {
                Deed::Show(next) => beat = next,
                Deed::NextPage => return deeds,
                _ => (beat, now) = (Beat::Run, Situation { asks: false, awaits: Awaits::Nothing, ..now }),
            }
            assert!(deeds.len() < 20, "{deeds:?}");
        }
    }

    #[test]
    fn a_question_is_put_twice_and_then_it_happens() {
        let asked = Situation { asks: true, awaits: Awaits::Answer, ..NOW };
        let to_again = [Beat::Tell(1), Beat::Vote(Phase::Alone), Beat::Vote(Phase::Discuss), Beat::Vote(Phase::Again)].map(Deed::Show);
        let end = [Deed::Answer, Deed::Show(Beat::Why(0)), Deed::NextPage];
        assert_eq!(walked(asked), [&to_again[..], &end].concat());
        let counted = [&to_again[..], &[Deed::Show(Beat::Vote(Phase::Both))], &end].concat();
        assert_eq!(walked(Situation { counted: true, ..asked }), counted);
    }

    #[test]
    fn what_is_only_told_leads_to_the_next_page() {
        let words = Situation { tells: 1, whys: 0, ..NOW };
        assert_eq!(walked(words), [Deed::NextPage]);
        assert_eq!(walked(Situation { awaits: Awaits::Watching, ..words }), [Deed::Play, Deed::NextPage]);
    }

    #[test]
    fn a_goal_is_played_where_something_was_poked_and_else_solved() {
        let goal = Situation { awaits: Awaits::Goal, ..NOW };
        assert_eq!(Beat::Run.on(&goal), Deed::Solve);
        assert_eq!(Beat::Run.on(&Situation { poked: true, ..goal }), Deed::Play);
        assert_eq!(Beat::Run.on(&Situation { playing: true, ..goal }), Deed::Skip);
        assert_eq!(Beat::Tell(0).on(&Situation { poked: true, ..goal }), Deed::Show(Beat::Tell(1)));
    }

    #[test]
    fn back_leads_through_everything_that_was_shown() {
        let mut beat = Beat::Why(1);
        let mut seen = Vec::new();
        while let Deed::Show(before) | Deed::Stop(before) = beat.back(&NOW) {
            seen.push(before);
            beat = before;
        }
        assert_eq!(seen, [Beat::Why(0), Beat::Run, Beat::Tell(1), Beat::Tell(0)]);
        assert_eq!(Beat::Vote(Phase::Both).back(&NOW), Deed::Show(Beat::Vote(Phase::Again)));
        assert_eq!(Beat::Vote(Phase::Alone).back(&NOW), Deed::Show(Beat::Tell(1)));
        assert_eq!(beat.back(&NOW), Deed::PageBefore);
    }
}
