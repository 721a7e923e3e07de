//! What can happen to a learner, one JSON line each: `{"v":1,"at":1764137000000,"event":{"finished":{"lesson":"replication-lag"}}}`.
//!
//! Lessons, steps and questions stand in it by the ids that their authors gave them, so that editing a text loses nothing.

use serde::{Deserialize, Serialize};

use crate::review::{Confidence, Grade, Outcome, Stamp};

/// The version of the format that this program writes. A line of a later version, and an event that is not known, is kept as it is
/// and left out of the count.
pub const VERSION: u32 = 1;

/// One line of the log.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Record {
    /// The version of the format.
    pub v: u32,
    /// When it happened.
    pub at: Stamp,
    /// What happened.
    pub event: Event,
}

/// What happened.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Event {
    /// A step was on the screen.
    StepSeen {
        /// The lesson.
        lesson: String,
        /// The step.
        step: String,
    },
    /// A step was done.
    StepDone {
        /// The lesson.
        lesson: String,
        /// The step.
        step: String,
    },
    /// A prediction was made.
    Predicted {
        /// The lesson.
        lesson: String,
        /// The step.
        step: String,
        /// The text of the option that was chosen.
        option: String,
        /// Whether it came so.
        right: bool,
    },
    /// A goal was brought about.
    Reached {
        /// The lesson.
        lesson: String,
        /// The step.
        step: String,
        /// With how many pokes.
        pokes: u32,
        /// Whether a hint was shown before.
        helped: bool,
        /// Whether the solution was shown before.
        shown: bool,
    },
    /// The last step of a lesson was left.
    Finished {
        /// The lesson.
        lesson: String,
    },
    /// A question was answered.
    Answered(Answer),
    /// The learner graded the last answer to an item otherwise.
    Regraded {
        /// The item.
        item: String,
        /// The grade that counts.
        grade: Grade,
    },
    /// The last answer to an item was taken back.
    Undone {
        /// The item.
        item: String,
    },
    /// Something about the way of learning was chosen, such as the day of an exam. An empty value takes it back.
    Setting {
        /// What.
        name: String,
        /// Its value.
        value: String,
    },
    /// Everything about a topic was forgotten, or everything at all.
    Reset {
        /// The topic; `None`: every topic.
        topic: Option<String>,
    },
}

/// The answer to a question.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[expect(clippy::struct_excessive_bools, reason = "each is a fact of its own in the log")]
pub struct Answer {
    /// The idea that was asked for: what is remembered is kept for it. Unique in the whole program.
    pub item: String,
    /// The form in which it was asked: a question, a case of it, a scenario.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub form: String,
    /// The topic that it belongs to.
    pub topic: String,
    /// Whether the answer was right.
    pub right: bool,
    /// How sure the learner was.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub confidence: Option<Confidence>,
    /// Whether the last hint, or a part of the answer, was shown before.
    #[serde(default, skip_serializing_if = "is_false")]
    pub helped: bool,
    /// Whether it was done in the best way that is known, without help.
    #[serde(default, skip_serializing_if = "is_false")]
    pub best: bool,
    /// What was answered, in words.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub chosen: String,
    /// Whether it was asked outside the schedule: such an answer moves nothing.
    #[serde(default, skip_serializing_if = "is_false")]
    pub cram: bool,
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde calls it with a reference")]
fn is_false(value: &bool) -> bool {
    !value
}

impl Answer {
    /// The grade that follows from how the answer came about.
    pub fn grade(&self) -> Grade {
        Grade::from(Outcome { right: self.right, helped: self.helped, confidence: self.confidence, best: self.best })
    }
}

/// What a line of the log turned out to be.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Line {
    /// An event.
    Record(Record),
    /// Something that a later version of the program wrote.
    Later,
    /// No line of a log.
    Broken,
}

impl Line {
    /// Reads a line, without its end.
    pub fn read(line: &[u8]) -> Line {
        #[derive(Deserialize)]
        struct Envelope {
            #[expect(dead_code, reason = "that it can be read says that this is a line of a log")]
            v: u32,
            #[expect(dead_code, reason = "that it can be read says that this is a line of a log")]
            at: Stamp,
        }
        match serde_json::from_slice::<Record>(line) {
            Ok(record) if record.v <= VERSION => Line::Record(record),
            Ok(_) => Line::Later,
            Err(_) if serde_json::from_slice::<Envelope>(line).is_ok() => Line::Later,
            Err(_) => Line::Broken,
        }
    }
}

impl Record {
    /// An event of this version.
    pub fn new(at: Stamp, event: Event) -> Record {
        Record { v: VERSION, at, event }
    }

    /// The line of the log, with its end.
    pub fn line(&self) -> String {
        // A record is made of numbers, truth values and texts: nothing that JSON cannot say.
        let mut line = serde_json::to_string(self).unwrap_or_default();
        line.push('\n');
        line
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn round(event: Event, line: &str) {
        let record = Record::new(Stamp(7), event);
        assert_eq!(record.line(), format!("{line}\n"));
        assert_eq!(Line::read(line.as_bytes()), Line::Record(record));
    }

    #[test]
    fn every_event_has_its_line() {
        let (lesson, step) = ("replication-lag".to_string(), "queue".to_string());
        round(
            Event::StepSeen { lesson: lesson.clone(), step: step.clone() },
            r#"{"v":1,"at":7,"event":{"step-seen":{"lesson":"replication-lag","step":"queue"}}}"#,
        );
        round(
            Event::Predicted { lesson: lesson.clone(), step: step.clone(), option: "both".into(), right: false },
            r#"{"v":1,"at":7,"event":{"predicted":{"lesson":"replication-lag","step":"queue","option":"both","right":false}}}"#,
        );
        round(
            Event::Reached { lesson: lesson.clone(), step, pokes: 2, helped: true, shown: false },
            r#"{"v":1,"at":7,"event":{"reached":{"lesson":"replication-lag","step":"queue","pokes":2,"helped":true,"shown":false}}}"#,
        );
        round(Event::Finished { lesson }, r#"{"v":1,"at":7,"event":{"finished":{"lesson":"replication-lag"}}}"#);
        let answer = Answer { item: "q-lag".into(), topic: "replication-lag".into(), right: true, ..Answer::default() };
        round(
            Event::Answered(answer.clone()),
            r#"{"v":1,"at":7,"event":{"answered":{"item":"q-lag","topic":"replication-lag","right":true}}}"#,
        );
        let best = Answer { best: true, ..answer.clone() };
        round(
            Event::Answered(best),
            r#"{"v":1,"at":7,"event":{"answered":{"item":"q-lag","topic":"replication-lag","right":true,"best":true}}}"#,
        );
        let sure =
            Answer { confidence: Some(Confidence::Sure), form: "q-2".into(), helped: true, chosen: "7".into(), cram: true, ..answer };
        round(
            Event::Answered(sure),
            r#"{"v":1,"at":7,"event":{"answered":{"item":"q-lag","form":"q-2","topic":"replication-lag","right":true,"confidence":"sure","helped":true,"chosen":"7","cram":true}}}"#,
        );
        round(
            Event::Regraded { item: "q".into(), grade: Grade::Hard },
            r#"{"v":1,"at":7,"event":{"regraded":{"item":"q","grade":"hard"}}}"#,
        );
        round(Event::Reset { topic: None }, r#"{"v":1,"at":7,"event":{"reset":{"topic":null}}}"#);
    }

    #[test]
    fn what_a_later_version_wrote_is_told_from_what_is_broken() {
        let read = |line: &str| Line::read(line.as_bytes());
        assert_eq!(read(r#"{"v":1,"at":7,"event":{"danced":{"lesson":"x"}}}"#), Line::Later);
        assert_eq!(read(r#"{"v":2,"at":7,"event":{"finished":{"lesson":"x"}}}"#), Line::Later);
        assert_eq!(read(r#"{"v":2,"at":7,"what":[1,2]}"#), Line::Later);
        assert!(matches!(read(r#"{"v":1,"at":7,"event":{"finished":{"lesson":"x","mood":"good"}}}"#), Line::Record(_)), "one more key");
        for broken in ["", "{", "7", r#"{"at":7}"#, "\u{0}\u{0}\u{0}", r#"{"v":1,"at":7,"event":{"fin"#] {
            assert_eq!(read(broken), Line::Broken, "{broken:?}");
        }
    }
}
