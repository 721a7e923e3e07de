//! Votes of a class on a question: twice, with a talk between them, and seen only after the second time.

use crate::ballot::qr::Qr;

/// The most votes that one answer can have: no room is larger.
const MOST: u32 = 100_000;

/// How many chose each answer.
#[derive(Clone, Debug, Default, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub struct Counts(Vec<u32>);

impl Counts {
    /// Counts in the order of the answers.
    pub fn new(counts: Vec<u32>) -> Counts {
        Counts(counts)
    }

    /// How many chose the answer with this index.
    pub fn of(&self, option: usize) -> u32 {
        self.0.get(option).copied().unwrap_or(0)
    }

    /// How many chose any.
    pub fn total(&self) -> u64 {
        self.0.iter().map(|count| u64::from(*count)).sum()
    }

    /// As they are typed: `1=12 2=20 3=5`.
    pub fn typed(&self) -> String {
        let one = |(option, count): (usize, &u32)| format!("{}={count}", option + 1);
        self.0.iter().enumerate().map(one).collect::<Vec<_>>().join(" ")
    }

    /// Reads `1=12 2=20 3=5`: the number of an answer and how many chose it; answers that are not named have none. An empty text is no
    /// count. The error is all that is wrong with it, a sentence each.
    pub fn read(text: &str, options: usize) -> Result<Option<Counts>, Vec<String>> {
        let words: Vec<&str> = text.split([' ', ',', ';']).filter(|word| !word.is_empty()).collect();
        if words.is_empty() {
            return Ok(None);
        }
        let (mut counts, mut wrong) = (vec![None; options], Vec::new());
        for word in words {
            match read_one(word, options) {
                Ok((option, count)) => match counts[option].replace(count) {
                    None => {}
                    Some(_) => wrong.push(format!("answer {} is counted twice", option + 1)),
                },
                Err(why) => wrong.push(why),
            }
        }
        if wrong.is_empty() { Ok(Some(Counts(counts.into_iter().map(Option::unwrap_or_default).collect()))) } else { Err(wrong) }
    }
}

/// The index of an answer and its count.
fn read_one(word: &str, options: usize) -> Result<(usize, u32), String> {
    // How many chose an answer is not said: what is wrong stands on the wall.
    let (named, cover) = word.split_once('=').map_or(("", "…"), |(answer, _)| (answer, "=…"));
    let named = format!("{}{cover}", crate::harmless::line(named));
    let shape = || format!("`{named}` is no count; write 1=12");
    let (answer, count) = word.split_once('=').ok_or_else(shape)?;
    let is_number = |text: &str| !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    if !is_number(answer) || !is_number(count) {
        return Err(shape());
    }
    let answer: Option<usize> = answer.parse().ok().filter(|answer| (1..=options).contains(answer));
    let answer = answer.ok_or_else(|| format!("`{named}`: the answers are 1 to {options}"))?;
    let count: Option<u32> = count.parse().ok().filter(|count| *count <= MOST);
    Ok((answer - 1, count.ok_or_else(|| format!("`{named}`: at most {MOST} can be counted"))?))
}

/// The first or the second time that a question is put.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Round {
    /// Each alone.
    First,
    /// After the talk.
    Second,
}

/// How far a question is.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Phase {
    /// Each thinks alone, and chooses.
    #[default]
    Alone,
    /// Neighbours talk.
    Discuss,
    /// All choose again.
    Again,
    /// Both counts are seen.
    Both,
}

impl Phase {
    /// The round in which votes count now, if they do.
    pub fn round(self) -> Option<Round> {
        match self {
            Phase::Alone => Some(Round::First),
            Phase::Again => Some(Round::Second),
            Phase::Discuss | Phase::Both => None,
        }
    }

    /// The phase before.
    pub fn before(self) -> Option<Phase> {
        match self {
            Phase::Alone => None,
            Phase::Discuss => Some(Phase::Alone),
            Phase::Again => Some(Phase::Discuss),
            Phase::Both => Some(Phase::Again),
        }
    }
}

/// The counts of one question.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Vote {
    rounds: [Option<Counts>; 2],
    /// What was typed in each, finished or not.
    typed: [String; 2],
}

impl Vote {
    /// Keeps the counts of a round; `None` takes them back.
    pub fn keep(&mut self, round: Round, counts: Option<Counts>) {
        self.rounds[round as usize] = counts;
    }

    /// The counts of a round.
    pub fn of(&self, round: Round) -> Option<&Counts> {
        self.rounds[round as usize].as_ref()
    }

    /// Keeps what was typed in a round, to go on with.
    pub fn keep_typed(&mut self, round: Round, text: &str) {
        self.typed[round as usize] = text.to_string();
    }

    /// What was typed in a round so far.
    pub fn typed(&self, round: Round) -> &str {
        &self.typed[round as usize]
    }

    /// Whether anything was counted.
    pub fn is_counted(&self) -> bool {
        self.rounds.iter().any(Option::is_some)
    }
}

/// What is put to the class.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Asked {
    /// The id of the lesson.
    pub lesson: String,
    /// The id of the step: with the lesson it names the question.
    pub step: String,
    /// The question as it is read on the wall, without marks.
    pub question: String,
    /// The answers, in their order, without marks.
    pub options: Vec<String>,
}

/// Where votes come from beside the keyboard, such as a page for phones. It is asked between frames, so nothing in it may wait.
pub trait Poll: Send {
    /// Votes on this question count from now on, in this round. One that was open before goes on with the votes that it has, as long as
    /// nothing else was asked meanwhile.
    fn open(&mut self, asked: &Asked, round: Round);

    /// Votes count no more, until a round is opened again.
    fn close(&mut self);

    /// What was voted so far counts no more: the question will be put anew.
    fn forget(&mut self);

    /// The votes of the round that is open, or of the last one that was.
    fn votes(&self) -> Counts;

    /// Where one votes, in a few short lines, each of at most sixty cells: shown while a round is open.
    fn place(&self) -> Vec<String>;

    /// What a phone's camera reads in place of that, shown beside the question.
    fn picture(&self) -> Option<&Qr> {
        None
    }

    /// What whoever speaks should know of the votes so far, in one sentence.
    fn notice(&self) -> Option<String> {
        None
    }

    /// Whether somebody cannot vote because many share one address.
    fn turns_away(&self) -> bool {
        false
    }

    /// Lets any number vote from one address.
    fn share(&mut self) {}
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn counts_are_read_in_any_order() {
        let read = |text: &str| Counts::read(text, 3).unwrap();
        assert_eq!(read("1=12 2=20 3=5"), Some(Counts::new(vec![12, 20, 5])));
        assert_eq!(read("3=5, 1=12"), Some(Counts::new(vec![12, 0, 5])));
        assert_eq!(read("  "), None);
        assert_eq!(read("1=0").map(|counts| counts.total()), Some(0));
    }

    #[test]
    fn everything_that_is_wrong_is_said_at_once() {
        let wrong = Counts::read("1=2 1=3 4=1 x 2= =7 3=999999 2=-1", 3).unwrap_err();
        assert_eq!(wrong.len(), 7, "{wrong:?}");
        assert!(wrong[0].contains("answer 1 is counted twice") && wrong[1].contains("the answers are 1 to 3"), "{wrong:?}");
        assert!(!wrong.concat().contains("999999") && !wrong.concat().contains("=7`"), "no count is said: {wrong:?}");
        assert!(wrong[2].contains("write 1=12") && wrong[5].contains("at most"), "{wrong:?}");
    }

    proptest! {
        #[test]
        fn any_text_is_read_or_refused(text in "[0-9= ,x-]{0,40}", options in 0usize..12) {
            if let Ok(Some(counts)) = Counts::read(&text, options) {
                prop_assert!(options > 0 && counts.total() <= u64::from(MOST) * options as u64);
            }
        }

        #[test]
        fn what_was_counted_reads_back(counts in prop::collection::vec(0u32..=MOST, 1..9)) {
            let text: Vec<String> = counts.iter().enumerate().map(|(i, count)| format!("{}={count}", i + 1)).collect();
            prop_assert_eq!(Counts::read(&text.join(" "), counts.len()), Ok(Some(Counts::new(counts))));
        }
    }
}
