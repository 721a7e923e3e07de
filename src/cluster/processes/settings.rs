//! What a run of somebody's programs is told.

use std::sync::Arc;

use crate::cluster::kit::settings::{AtStart, Count, Length, Takes, Timer, Times, settings, words};
use crate::cluster::live::Captioned;

words! {
    /// What clients ask, and what the programs are held to.
    pub enum Workload {
        /// What is sent comes back.
        Echo = "echo",
        /// Each asks for a number that nobody else gets.
        UniqueIds = "unique-ids",
        /// What one node is told reaches all.
        Broadcast = "broadcast",
        /// A counter that only grows.
        GCounter = "g-counter",
        /// A linearizable map of registers.
        LinKv = "lin-kv",
        /// Logs of messages with offsets.
        Kafka = "kafka",
    }
}

/// The name of a program, as it was given.
pub enum Name {}

/// The longest name that is kept.
const NAME_MAX: usize = 80;

impl Takes for Name {
    type Value = Arc<str>;
    const TAKES: &'static str = "a name";

    fn read(text: &str) -> Result<Arc<str>, String> {
        if text.is_empty() || text.len() > NAME_MAX || text.chars().any(char::is_control) {
            return Err(format!("it has up to {NAME_MAX} letters"));
        }
        Ok(text.into())
    }

    fn write(value: &Arc<str>) -> String {
        value.to_string()
    }
}

settings! {
    /// The settings of a run of programs.
    pub struct Settings {
        workload: AtStart<Workload> = "echo", "What clients ask, and what the programs are held to: Maelstrom's workload of this name.";
        program: AtStart<Name> = "a program", "What the program is called.";
        programs: AtStart<Count<1, 25>> = "3", "How many nodes run it.";
        request_timeout: Timer = "2s", "How long a client waits for an answer; then it does not know whether what it asked will happen.";
        startup: AtStart<Timer> = "10s", "How long a program may take to answer `init`.";
        settle: Length = "2s", "How long nothing may have been changed and nothing out of order before what a client reads counts as final.";
        latency: Times = "const(10ms)", "How long a message takes.";
    }
}

impl Captioned for Settings {
    fn caption(&self) -> String {
        format!("{} · {} · your programs, by the machine's clock", self.program, Workload::write(&self.workload))
    }
}
