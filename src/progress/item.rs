//! One thing that was asked for: every answer to it, and what is remembered.

use crate::review::{Confidence, Day, Exam, Grade, Memory};

use super::event::Answer;

/// One answer, in short.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Given {
    /// The day.
    pub day: Day,
    /// The grade that counts.
    pub grade: Grade,
    /// Whether it was right.
    pub right: bool,
    /// How sure the learner was.
    pub confidence: Option<Confidence>,
    /// Whether it was asked outside the schedule.
    pub cram: bool,
    form: u16,
}

/// One thing that was asked for.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Item {
    /// The topic that it belongs to.
    pub topic: String,
    /// Every answer that was not taken back, the oldest first.
    pub answers: Vec<Given>,
    /// What is remembered; `None`: it was asked only outside the schedule.
    pub memory: Option<Memory>,
    /// What was answered last, in words.
    pub chosen: String,
    /// The forms in which it was asked.
    forms: Vec<String>,
}

impl Item {
    pub(super) fn answered(&mut self, answer: Answer, day: Day) {
        let grade = answer.grade();
        let form = self.form_index(answer.form);
        let given = Given { day, grade, right: answer.right, confidence: answer.confidence, cram: answer.cram, form };
        (self.topic, self.chosen) = (answer.topic, answer.chosen);
        self.answers.push(given);
        self.remember(given);
    }

    fn form_index(&mut self, form: String) -> u16 {
        let known = self.forms.iter().position(|known| *known == form);
        let index = known.unwrap_or_else(|| {
            self.forms.push(form);
            self.forms.len() - 1
        });
        // Nobody meets so many forms of one thing; the last stands for the others then.
        u16::try_from(index).unwrap_or(u16::MAX)
    }

    fn remember(&mut self, given: Given) {
        if !given.cram {
            self.memory = Some(Memory::after(self.memory, given.grade, given.day));
        }
    }

    /// Goes through all answers again.
    fn recall_all(&mut self) {
        self.memory = None;
        for given in self.answers.clone() {
            self.remember(given);
        }
    }

    /// Gives the last answer another grade.
    pub(super) fn regrade(&mut self, grade: Grade) {
        if let Some(last) = self.answers.last_mut() {
            last.grade = grade;
            self.recall_all();
        }
    }

    /// Takes back the last answer, and gives it.
    pub(super) fn undo(&mut self) -> Option<Given> {
        let undone = self.answers.pop()?;
        self.chosen.clear();
        self.recall_all();
        Some(undone)
    }

    /// The form in which it was asked last.
    pub fn last_form(&self) -> Option<&str> {
        self.forms.get(usize::from(self.answers.last()?.form)).map(String::as_str)
    }

    /// How often it was asked in a form.
    pub fn asked_as(&self, form: &str) -> usize {
        let index = self.forms.iter().position(|known| known == form);
        index.map_or(0, |index| self.answers.iter().filter(|given| usize::from(given.form) == index).count())
    }

    /// On which day to ask again, seen from today. `None`: never asked within the schedule.
    pub fn due_on(&self, today: Day, exam: Option<Exam>, name: &str) -> Option<Day> {
        let memory = self.memory?;
        let due = memory.due_on(today);
        Some(exam.map_or(due, |exam| exam.fit(memory.last, due, share(name))))
    }

    /// Whether the last answer was wrong although the learner was sure.
    pub fn sure_and_wrong(&self) -> bool {
        self.answers.last().is_some_and(|last| !last.right && last.confidence == Some(Confidence::Sure))
    }
}

/// A number for a name, the same on every machine (FNV-1a, 64 bits).
fn share(name: &str) -> u64 {
    name.bytes().fold(0xcbf2_9ce4_8422_2325, |hash, byte| (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3))
}
