//! What is known of the position: computed again only when the run is somewhere else.

use std::fmt::Write as _;

use crate::check::operation::Operation;
use crate::check::verdict::Verdicts;
use crate::cluster::Happening;
use crate::cluster::facts::Facts;
use crate::cluster::scene::Scene;
use crate::sim::time::{Span, Time};
use crate::timeline::{PokeAt, Timeline};

/// How much of the past is kept for the narration and the space-time diagram, in virtual time of lesson pace seconds.
const PAST_SECONDS: f64 = 500.0;

/// Everything that the screen shows of a run, from one moment.
#[derive(Clone, Debug, Default)]
pub struct Picture {
    /// The stage.
    pub scene: Scene,
    /// The facts.
    pub facts: Facts,
    /// The guarantees.
    pub verdicts: Verdicts,
    /// The client operations so far.
    pub operations: Vec<Operation>,
    /// What happened lately and, after a rewind, what was seen to happen next; oldest first.
    pub story: Vec<Happening>,
    /// How many of the story have happened.
    told: usize,
    state: Option<(u64, u64)>,
    /// How long the history was when the operations were collected.
    recorded: Option<usize>,
    /// The history and the replicas that the verdicts are of.
    judged: Option<(usize, u64)>,
    /// The furthest time shown on this path.
    pub seen: Time,
    /// When the learner did something on this path, past and future.
    pub pokes: Vec<Time>,
    path: Vec<PokeAt>,
}

impl Picture {
    /// Brings everything up to the position of the run. `pace` is the virtual time of a second. Says whether anything happened.
    pub fn refresh(&mut self, run: &Timeline, pace: Span) -> bool {
        let cluster = run.cluster();
        self.scene.clear();
        cluster.scene(run.at(), &mut self.scene);
        self.seen = self.seen.max(run.at());
        let state = (cluster.fingerprint(), cluster.events());
        if self.state == Some(state) {
            return false;
        }
        self.state = Some(state);
        self.facts.clear();
        cluster.facts(&mut self.facts);
        self.follow(run);
        self.refresh_verdicts(run);
        self.refresh_happenings(run, pace);
        true
    }

    /// Other pokes make another run: nothing that is known of the one before counts.
    fn follow(&mut self, run: &Timeline) {
        let path = run.pokes();
        if path == self.path {
            return;
        }
        self.seen = run.at();
        self.story.clear();
        (self.recorded, self.judged) = (None, None);
        self.pokes = path.iter().map(|poke| poke.at).collect();
        self.path = path;
    }

    /// The operations are collected again only when the history is longer or shorter, and the verdicts, which cost a search, only
    /// then or when the replicas hold something else.
    fn refresh_verdicts(&mut self, run: &Timeline) {
        let cluster = run.cluster();
        let recorded = cluster.history_len();
        if self.recorded != Some(recorded) {
            self.recorded = Some(recorded);
            self.operations = cluster.operations();
        }
        let judged = (recorded, held(&self.scene));
        if self.judged != Some(judged) {
            self.judged = Some(judged);
            self.verdicts = cluster.verdicts();
        }
    }

    /// What happened since it was looked last is added; after a rewind what is known to come is kept.
    fn refresh_happenings(&mut self, run: &Timeline, pace: Span) {
        let now = run.events();
        if self.story.last().is_none_or(|last| last.event <= now) {
            let past = Time(run.at().0.saturating_sub(pace.scaled(PAST_SECONDS).0));
            let from = self.story.last().map_or(past, |last| past.max(last.at));
            self.story.truncate(self.story.partition_point(|h| h.at < from));
            self.story.drain(..self.story.partition_point(|h| h.at < past));
            run.cluster().happenings(from, &mut self.story);
        }
        self.told = self.story.partition_point(|h| h.event <= now);
    }

    /// What happened lately, oldest first.
    pub fn happenings(&self) -> &[Happening] {
        &self.story[..self.told]
    }

    /// What happened, or was seen to happen next, from one moment to another.
    pub fn between(&self, from: Time, to: Time) -> &[Happening] {
        let start = self.story.partition_point(|h| h.at < from);
        let end = self.story.partition_point(|h| h.at <= to);
        self.story.get(start..end).unwrap_or_default()
    }

    /// Forgets what it knows, for another run.
    pub fn forget(&mut self) {
        *self = Picture::default();
    }
}

/// Folds what the replicas hold.
fn held(scene: &Scene) -> u64 {
    let mut hash = Fold(0xcbf2_9ce4_8422_2325);
    for node in &scene.nodes {
        let _ = write!(hash, "{} {:?}", node.id, node.health);
        for row in &node.rows {
            let _ = write!(hash, " {} {}", row.label, row.value);
        }
    }
    hash.0
}

/// FNV-1a over what is written to it.
struct Fold(u64);

impl std::fmt::Write for Fold {
    fn write_str(&mut self, text: &str) -> std::fmt::Result {
        self.0 = text.bytes().fold(self.0, |hash, byte| (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3));
        Ok(())
    }
}
