//! What a model says of itself: its settings, facts and pokes, as `splitbrain models` prints them.

use super::facts::FactDoc;
use super::moment::On;
use super::scene::MessageDoc;
use super::{BadScenario, Cluster, Scenario};
use crate::check::verdict::Guarantee;
use crate::command::Language;
use crate::sim::time::Span;

/// Starts a cluster of a scenario, or says everything that is wrong with it.
pub type Start = fn(&Scenario) -> Result<Box<dyn Cluster>, Vec<BadScenario>>;

/// A kind of cluster that scenarios can name.
pub struct Model {
    /// The name in scenarios: `replicated`.
    pub name: &'static str,
    /// One sentence: what it is and whose description it follows.
    pub about: &'static str,
    /// Servers unless a scenario says otherwise, and the most it takes.
    pub nodes: (u16, u16),
    /// Clients unless a scenario says otherwise, and the most it takes.
    pub clients: (u16, u16),
    /// Every setting.
    pub settings: &'static [SettingDoc],
    /// Every fact.
    pub facts: &'static [FactDoc],
    /// The facts that are worth a series, by name: conditions over time and charts speak of them. Numbers only.
    pub series: &'static [&'static str],
    /// What its clients can ask and its operators can do.
    pub language: Language,
    /// Every kind of messages.
    pub messages: &'static [MessageDoc],
    /// What it can be held to, in the order of the screen.
    pub guarantees: &'static [Guarantee],
    /// Commands that mean something particular here: example and meaning.
    pub pokes: &'static [(&'static str, &'static str)],
    /// The names of the moments of its protocol, at which a fault may do the most harm: see [`super::moment`].
    pub moments: &'static [(&'static str, On)],
    /// A condition over its facts that must hold once every fault is over, everybody is up, and [`super::Cluster::patience`] has passed.
    pub healthy: &'static str,
    /// How much of its time passes in a second of ours where nobody says otherwise: slow enough for its messages, and fast enough for what it
    /// does again and again.
    pub pace: Span,
    /// Starts one. All mistakes of the scenario at once.
    pub start: Start,
}

/// The pace of most: a message of 25 ms crosses the stage in half a second.
pub const PACE: Span = Span::ms(50);

/// What the value of a setting is, where a condition speaks of it. One that can be `none` has no value then, if it is a number or a length of time.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SettingKind {
    /// A word: `"on"`.
    Word,
    /// A number: `3`, `0.25`.
    Number,
    /// A length of time: `250ms`.
    Span,
    /// Anything else, as it is written: `"const(10ms)"`.
    Text,
}

impl SettingKind {
    /// The kind of a setting that takes these words, or something else where there are none.
    pub const fn of(words: &[&str]) -> SettingKind {
        if words.is_empty() { SettingKind::Text } else { SettingKind::Word }
    }
}

/// The documentation of one setting.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SettingDoc {
    /// The name: `detection-timeout`.
    pub name: &'static str,
    /// Its value unless said otherwise, as text.
    pub default: &'static str,
    /// What it takes, in words: `async, semi-sync, sync or majority`, `a length of time`.
    pub takes: &'static str,
    /// The words it takes, where only certain words are right; for completion and near names. Empty otherwise.
    pub words: &'static [&'static str],
    /// What its value is in a condition: `setting.NAME`.
    pub kind: SettingKind,
    /// Whether `set` can change it while the cluster runs.
    pub live: bool,
    /// One sentence: what it does.
    pub about: &'static str,
}
