//! What is known of the position: computed again only when the run is somewhere else.

use std::fmt::Write as _;

use crate::check::verdict::Verdicts;
use crate::cluster::Happening;
use crate::cluster::facts::Facts;
use crate::cluster::scene::{Scene, Tone};
use crate::cluster::tell::Names;
use crate::sim::time::{Span, Time};
use crate::timeline::{PokeAt, Timeline};
use crate::tui::widgets::Operations;
use crate::tui::widgets::operations::OK_LOST;

/// How much of the past is kept for the narration and the space-time diagram, in virtual time of lesson pace seconds.
const PAST_SECONDS: f64 = 500.0;

/// The most happenings that are kept of it: as many as no screen has room for, and little to keep.
const MOST_HAPPENINGS: usize = 16_384;

/// Fewer happenings than this before the present may leave a screen empty that has more to show.
const FEW: usize = 1024;

/// The most operations that are kept for what happened to point into.
const MOST_OPERATIONS: usize = 4096;

/// What verdicts are of: the lines of the history, and what the replicas held, at this time.
#[derive(Clone, Debug)]
struct Judged {
    lines: usize,
    held: u64,
    at: Time,
}

impl Judged {
    /// A shorter history than this is judged whenever it changes.
    const SHORT: usize = 1000;

    /// Whether it may stand for a while when there are so many lines: a long history is judged again only when it has grown by an
    /// eighth, so that judging costs the same for each line however long it gets.
    fn will_do(&self, lines: usize) -> bool {
        lines > Self::SHORT && lines >= self.lines && lines - self.lines < self.lines / 8
    }
}

/// Everything that the screen shows of a run, from one moment.
#[derive(Clone, Debug, Default)]
pub struct Picture {
    /// The stage.
    pub scene: Scene,
    /// The facts.
    pub facts: Facts,
    /// The guarantees.
    pub verdicts: Verdicts,
    /// The newest client operations.
    pub operations: Operations,
    /// What happened lately and, after a rewind, what was seen to happen next; oldest first.
    pub story: Vec<Happening>,
    /// How many of the story have happened.
    told: usize,
    state: Option<(u64, u64)>,
    /// How long the history was when the operations were collected.
    recorded: Option<usize>,
    /// What the replicas hold.
    held: u64,
    /// What the verdicts are of.
    judged: Option<Judged>,
    /// The furthest time shown on this path.
    pub seen: Time,
    /// When the learner did something on this path, past and future.
    pub pokes: Vec<Time>,
    path: Vec<PokeAt>,
}

impl Picture {
    /// Brings everything up to the position of the run. `pace` is the virtual time of a second. While it `plays`, the verdicts of a long
    /// history are let be until it has grown a good deal. Says whether anything happened.
    pub fn refresh(&mut self, run: &Timeline, pace: Span, plays: bool) -> bool {
        let cluster = run.cluster();
        self.scene.clear();
        cluster.scene(run.at(), &mut self.scene);
        self.held = held(&self.scene);
        self.seen = self.seen.max(run.at());
        self.mark_lost();
        let state = (cluster.fingerprint(), cluster.events());
        if self.state == Some(state) && (plays || !self.is_stale()) {
            return false;
        }
        self.state = Some(state);
        self.facts.clear();
        cluster.facts(&mut self.facts);
        self.follow(run);
        self.refresh_verdicts(run, plays);
        self.refresh_happenings(run, pace);
        self.mark_lost();
        true
    }

    /// A client whose last write was told ok and lost afterwards is shown so.
    fn mark_lost(&mut self) {
        for client in &mut self.scene.clients {
            let last = self.operations.iter().rev().find(|operation| operation.client == client.id);
            if last.is_some_and(|operation| operation.ended.is_some() && self.operations.is_lost(operation.id as usize)) {
                (client.told, client.tone) = (OK_LOST.to_string(), Tone::Bad);
            }
        }
    }

    /// The time up to which the verdicts tell, where they are behind.
    pub fn judged_before(&self) -> Option<Time> {
        self.judged.as_ref().filter(|_| self.is_stale()).map(|judged| judged.at)
    }

    /// Whether the verdicts are behind.
    pub fn is_stale(&self) -> bool {
        self.judged.as_ref().is_some_and(|judged| Some(judged.lines) != self.recorded || judged.held != self.held)
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
    fn refresh_verdicts(&mut self, run: &Timeline, plays: bool) {
        let cluster = run.cluster();
        let lines = cluster.history_len();
        if self.recorded != Some(lines) {
            self.recorded = Some(lines);
            self.operations = Operations::new(cluster.recent(MOST_OPERATIONS)).among(Names::on(&self.scene));
            self.operations.judge(&self.verdicts);
        }
        let held = self.held;
        if self.judged.as_ref().is_some_and(|judged| (judged.lines, judged.held) == (lines, held) || plays && judged.will_do(lines)) {
            return;
        }
        self.judged = Some(Judged { lines, held, at: run.at() });
        self.verdicts = cluster.verdicts();
        self.operations.judge(&self.verdicts);
    }

    /// What happened since it was looked last is added; after a rewind what is known to come is kept.
    fn refresh_happenings(&mut self, run: &Timeline, pace: Span) {
        let (now, cluster) = (run.events(), run.cluster());
        let past = Time(run.at().0.saturating_sub(pace.scaled(PAST_SECONDS).0));
        if self.story.last().is_none_or(|last| last.event <= now) {
            let from = self.story.last().map_or(past, |last| past.max(last.at));
            self.story.truncate(self.story.partition_point(|h| h.at < from));
            let known = self.story.len();
            cluster.latest(from, MOST_HAPPENINGS, &mut self.story);
            let whole = self.story.len() - known < MOST_HAPPENINGS;
            // Where not all of it could be kept, what is older does not join on.
            let first = if whole { self.story.partition_point(|h| h.at < past) } else { known };
            self.story.drain(..first.max(self.story.len().saturating_sub(MOST_HAPPENINGS)));
        } else if self.story.first().is_some_and(|first| first.at > past && first.event > 1) && self.told_by(now) < FEW {
            // Gone back to where the story begins: what came before it is told again, and what is to come is kept if it joins on.
            let told = self.told_by(now);
            let mut to_come = self.story.split_off(told);
            to_come.truncate(if told > 0 { MOST_HAPPENINGS / 2 } else { 0 });
            self.story.clear();
            cluster.latest(past, MOST_HAPPENINGS / 2, &mut self.story);
            self.story.append(&mut to_come);
        }
        self.told = self.told_by(now);
    }

    /// How many of the story happened up to this event.
    fn told_by(&self, event: u64) -> usize {
        self.story.partition_point(|h| h.event <= event)
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::cluster::Scenario;
    use crate::command::{Command, Poke};

    const PACE: Span = Span::ms(100);

    fn poke(text: &str) -> Poke {
        match crate::cluster::replicated::MODEL.language.parse(text) {
            Ok(Command::Poke(poke)) => poke,
            other => panic!("{other:?}"),
        }
    }

    /// A client that asks so often a second.
    fn busy(rate: u32) -> Timeline {
        let scenario =
            Scenario { model: "replicated".into(), nodes: None, clients: None, zones: Vec::new(), settings: Vec::new(), seed: 7 };
        let mut run = Timeline::new(scenario).unwrap();
        run.poke(&poke(&format!("workload c1 {rate}/s read:write 1:1 keys x"))).unwrap();
        run
    }

    /// The picture after so many frames of 100 ms of virtual time each.
    fn played(run: &mut Timeline, frames: u32) -> Picture {
        let mut picture = Picture::default();
        for _ in 0..frames {
            run.advance(Span::ms(100));
            picture.refresh(run, PACE, true);
        }
        picture
    }

    #[test]
    fn what_is_kept_for_the_screen_stays_the_same_size() {
        let mut run = busy(1000);
        let picture = played(&mut run, 100);
        let (calls, shown) = (run.cluster().exchanges().len(), picture.happenings().len());
        assert!(calls > 2 * MOST_OPERATIONS && shown <= MOST_HAPPENINGS, "{calls} calls, {shown} happenings");
        assert_eq!(picture.operations.iter().count(), MOST_OPERATIONS);
        let all: Vec<Happening> = run.happenings(Time::ZERO).collect();
        assert!(all.ends_with(picture.happenings()));
    }

    #[test]
    fn the_newest_operations_are_those_of_the_whole() {
        let mut run = busy(500);
        run.advance(Span::s(2));
        let all = run.cluster().exchanges();
        for most in [0, 1, 7, all.len(), usize::MAX] {
            let (first, newest) = run.cluster().recent(most);
            assert_eq!(newest.len(), most.min(all.len()));
            assert!(newest.is_empty() || newest == all[first..], "the last {most}");
        }
    }

    #[test]
    fn the_newest_happenings_are_those_of_the_whole() {
        let mut run = busy(100);
        run.advance(Span::s(1));
        let (mut all, from) = (Vec::new(), Time(200_000_000));
        run.cluster().happenings(from, &mut all);
        for most in [0, 1, 100, all.len(), usize::MAX] {
            let mut newest = Vec::new();
            run.cluster().latest(from, most, &mut newest);
            assert_eq!(newest, all[all.len() - most.min(all.len())..]);
        }
    }

    #[test]
    fn a_long_history_is_judged_now_and_then_while_it_plays_and_whole_when_it_stops() {
        let mut run = busy(1000);
        let mut picture = Picture::default();
        let mut judged = 0;
        for _ in 0..60 {
            run.advance(Span::ms(100));
            let before = picture.judged.as_ref().map(|judged| judged.lines);
            picture.refresh(&run, PACE, true);
            judged += usize::from(before != picture.judged.as_ref().map(|judged| judged.lines));
        }
        assert!((10..45).contains(&judged), "judged {judged} times");
        assert_eq!(picture.judged_before().is_some(), picture.is_stale());
        picture.refresh(&run, PACE, false);
        assert!(!picture.is_stale());
        assert_eq!(picture.verdicts, run.cluster().verdicts());
    }

    #[test]
    fn what_came_before_is_told_again_after_a_rewind_past_what_is_kept() {
        let mut run = busy(2000);
        let mut picture = played(&mut run, 60);
        run.seek(Time(1_000_000_000));
        run.recollect();
        picture.refresh(&run, PACE, false);
        let all: Vec<Happening> = run.happenings(Time::ZERO).collect();
        let told = picture.happenings();
        assert!(told.len() >= FEW.min(all.len()), "{} are told of {}", told.len(), all.len());
        assert!(all.ends_with(told));
    }
}
