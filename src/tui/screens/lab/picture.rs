//! What is known of the position: computed again only when the run is somewhere else.

use std::fmt::Write as _;
use std::sync::Arc;

use super::past::{News, Past};
use crate::check::verdict::Verdicts;
use crate::cluster::Happening;
use crate::cluster::ahead::Ahead;
use crate::cluster::facts::Facts;
use crate::cluster::registry;
use crate::cluster::scene::{Body, Scene, Tone};
use crate::cluster::tell::Names;
use crate::lab::nodes;
use crate::sim::time::{Span, Time};
use crate::timeline::{PokeAt, Timeline};
use crate::tui::widgets::Operations;
use crate::tui::widgets::narration::Story;
use crate::tui::widgets::operations::OK_LOST;

/// How much of the past is kept for the narration and the space-time diagram, in virtual time of lesson pace seconds.
const PAST_SECONDS: f64 = 500.0;

/// What verdicts are of: the lines of the history, and what the replicas held, after this event.
#[derive(Clone, Debug)]
struct Judged {
    lines: usize,
    event: u64,
    held: u64,
    at: Time,
}

impl Judged {
    /// A shorter history than this is judged at every event: what is lost, or on its way, need not be seen in any line or row.
    const SHORT: usize = 1000;
    /// A longer history than this is not judged while it plays, but when it stops: judging takes memory for each operation, and play must
    /// not need more of it the longer it goes on.
    const LONG: usize = 32_768;

    /// Whether it may stand for a while when there are so many lines: a long history is judged again only when it has grown by an
    /// eighth, so that judging costs the same for each line however long it gets.
    fn will_do(&self, lines: usize) -> bool {
        lines > Self::SHORT && lines >= self.lines && (lines - self.lines < self.lines / 8 || lines > Self::LONG)
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
    /// What can happen next, where messages wait until they are chosen.
    pub ahead: Ahead,
    past: Arc<Past>,
    /// What was found out while others had the past too.
    news: Option<News>,
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
        self.settle();
        let cluster = run.cluster();
        self.scene.clear();
        cluster.scene(run.at(), &mut self.scene);
        self.held = held(&self.scene);
        self.seen = self.seen.max(run.at());
        let state = (cluster.fingerprint(), cluster.events());
        if self.state == Some(state) && (plays || !self.is_stale()) {
            self.mark_lost();
            return false;
        }
        self.state = Some(state);
        self.ahead = cluster.ahead();
        self.facts.clear();
        cluster.facts(&mut self.facts);
        self.follow(run);
        let since = Time(run.at().0.saturating_sub(pace.scaled(PAST_SECONDS).0));
        self.news = Some(self.past.news(cluster, Names::on(&self.scene), self.recorded, since));
        self.recorded = Some(cluster.history_len());
        self.refresh_verdicts(run, plays);
        if Arc::get_mut(&mut self.past).is_some() {
            self.settle();
        }
        true
    }

    /// Takes in what was found out while others had the past too. Cheap once they have not.
    pub fn settle(&mut self) {
        let (Some(news), Some((_, now))) = (self.news.take(), self.state) else { return };
        let past = Arc::make_mut(&mut self.past);
        past.hear(news);
        past.operations.judge(&self.verdicts);
        self.told = past.told_by(now);
        self.mark_lost();
    }

    /// A client whose last write was told ok and lost afterwards is shown so.
    fn mark_lost(&mut self) {
        let operations = &self.past.operations;
        for client in &mut self.scene.clients {
            let last = operations.iter().rev().find(|operation| operation.client == client.id);
            if last.is_some_and(|operation| operation.ended.is_some() && operations.is_lost(operation.id as usize)) {
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
        self.judged.as_ref().is_some_and(|judged| {
            let event = self.state.map(|(_, event)| event);
            Some(judged.lines) != self.recorded || judged.held != self.held || Some(judged.event) != event
        })
    }

    /// Other pokes make another run: nothing that is known of the one before counts.
    fn follow(&mut self, run: &Timeline) {
        let path = run.pokes();
        if path == self.path {
            return;
        }
        if self.goes_on(run, &path) {
            self.seen = self.seen.max(run.at());
        } else {
            self.seen = run.at();
            self.past = Arc::default();
            (self.recorded, self.judged) = (None, None);
        }
        self.pokes = path.iter().filter(|poke| !nodes::is_handed(&poke.poke)).map(|poke| poke.at).collect();
        self.path = path;
    }

    /// Whether these pokes only go on where those that are known end, as those of somebody's programs do all the time.
    fn goes_on(&self, run: &Timeline, path: &[PokeAt]) -> bool {
        let next = path.get(self.path.len()).filter(|_| path.starts_with(&self.path));
        let known = self.past.story.last().map_or(0, |last| last.event);
        registry::is_outside(&run.scenario().model) && next.is_some_and(|next| known < next.event)
    }

    /// The verdicts cost a search: those of a long history are asked for only now and then while it plays.
    fn refresh_verdicts(&mut self, run: &Timeline, plays: bool) {
        let cluster = run.cluster();
        let (lines, event, held) = (cluster.history_len(), cluster.events(), self.held);
        let is_the_same = |judged: &Judged| (judged.lines, judged.event, judged.held) == (lines, event, held);
        if self.judged.as_ref().is_some_and(|judged| is_the_same(judged) || plays && judged.will_do(lines)) {
            return;
        }
        self.judged = Some(Judged { lines, event, held, at: run.at() });
        self.verdicts = cluster.verdicts();
        self.verdicts.retain(|verdict| !self.scene.moot.contains(&verdict.guarantee.id()));
    }

    /// The newest client operations.
    pub fn operations(&self) -> &Operations {
        &self.past.operations
    }

    /// What happened lately and, after a rewind, what was seen to happen next; oldest first.
    pub fn story(&self) -> &[Happening] {
        &self.past.story
    }

    /// What happened lately, oldest first.
    pub fn happenings(&self) -> &[Happening] {
        &self.past.story[..self.told]
    }

    /// What happened lately, for the narration.
    pub fn to_tell(&self) -> Story<'_> {
        Story { happenings: self.happenings(), operations: self.operations(), cut: self.past.cut }
    }

    /// What happened, or was seen to happen next, from one moment to another.
    pub fn between(&self, from: Time, to: Time) -> &[Happening] {
        let story = self.story();
        let start = story.partition_point(|h| h.at < from);
        let end = story.partition_point(|h| h.at <= to);
        story.get(start..end).unwrap_or_default()
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
    for panel in &scene.panels {
        if let Body::Strips(strips) = &panel.body {
            // Whatever went down or came up since may have broken something.
            for line in &strips.lines {
                let _ = write!(hash, " {} {:?}", line.stretches.len(), line.stretches.last());
            }
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
    use crate::tui::screens::lab::past::{FEW, MOST_HAPPENINGS, MOST_OPERATIONS};

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
        assert_eq!(picture.operations().iter().count(), MOST_OPERATIONS);
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
    fn a_copy_that_shares_the_past_tells_the_same_once_it_stands_alone() {
        let mut run = busy(1500);
        let (mut shown, mut alone) = (Picture::default(), Picture::default());
        // Forward past what is kept, back, and forward again.
        let steps = (0..60).map(|_| 100).chain([-3000, 100, 100, -900, -900, 4000, -20, 100]);
        for (number, ms) in steps.enumerate() {
            let to = run.at().0.saturating_add_signed(ms * 1_000_000);
            run.seek(Time(to));
            run.recollect();
            let mut copy = shown.clone();
            copy.refresh(&run, PACE, true);
            shown = copy;
            assert_eq!(shown.news.is_some(), number > 0, "others have the past too, but not the first");
            shown.settle();
            alone.refresh(&run, PACE, true);
            assert!(shown.story() == alone.story() && shown.happenings().len() == alone.happenings().len(), "at {}", run.at());
            let (first, newest) = run.cluster().recent(MOST_OPERATIONS);
            for picture in [&shown, &alone] {
                let operations = picture.operations();
                assert!(operations.iter().eq(&newest) && operations.get(first) == newest.first(), "at {}", run.at());
            }
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

    /// A write can be lost though no line and no row says so: the verdicts are those of the moment all the same, while it plays too.
    #[test]
    fn the_verdicts_of_a_short_history_are_those_of_the_moment() {
        let settings = vec![("policy".to_string(), "lww".to_string())];
        let scenario = Scenario { model: "multi-leader".into(), nodes: Some(2), clients: None, zones: Vec::new(), settings, seed: 1 };
        let mut run = Timeline::new(scenario).unwrap();
        let mut picture = Picture::default();
        let model = crate::cluster::registry::model("multi-leader").unwrap();
        for (does, ms) in [("skew n1 +3s", 1), ("c1 write price 8", 100), ("c2 read price", 50), ("c2 write price 9", 100)] {
            let Ok(Command::Poke(poke)) = model.language.parse(does) else { panic!("{does}") };
            run.poke(&poke).unwrap();
            for _ in 0..ms {
                run.advance(Span::ms(1));
                picture.refresh(&run, PACE, true);
                let mut now = run.cluster().verdicts();
                now.retain(|verdict| !picture.scene.moot.contains(&verdict.guarantee.id()));
                assert_eq!(picture.verdicts, now, "at {}", run.at());
            }
        }
        let durable = picture.verdicts.iter().find(|verdict| verdict.guarantee == crate::check::verdict::Guarantee::DURABLE);
        assert!(durable.is_some_and(|verdict| verdict.holds == crate::check::verdict::Holds::No), "the case is one");
    }

    #[test]
    fn a_very_long_history_is_judged_when_it_stops() {
        let judged = Judged { lines: Judged::LONG / 2, event: 0, held: 0, at: Time::ZERO };
        assert!(!judged.will_do(Judged::LONG) && judged.will_do(Judged::LONG + 1) && judged.will_do(50 * Judged::LONG));
        assert!(!judged.will_do(judged.lines - 1), "another run, or one that was rewound");
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
