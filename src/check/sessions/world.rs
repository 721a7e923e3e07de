//! The sessions of a history: who wrote and read what, in which order.

use std::collections::BTreeMap;

use super::graph::{Base, Graph};
use super::views::{Story, View, views};
use crate::check::ground::{Act, Ground, Item};
use crate::check::verdict::Guarantee;

/// One session's operations.
#[derive(Default)]
pub(super) struct Session {
    /// Its writes that returned, as items, by their return.
    pub(super) done: Vec<u32>,
    /// All its writes, as items.
    pub(super) writes: Vec<u32>,
    /// Its writes of each key, as items; those that returned first, by their return.
    pub(super) keyed: BTreeMap<u32, Vec<u32>>,
    /// Its reads that can be explained, as indices of views, by their return.
    pub(super) views: Vec<u32>,
}

/// Everything the rules look at.
pub(super) struct World<'a> {
    /// The history.
    pub(super) ground: &'a Ground<'a>,
    /// Its reads that can be explained.
    pub(super) views: Vec<View>,
    /// Its sessions.
    pub(super) sessions: Vec<Session>,
    /// The session of each item, as an index.
    pub(super) session_of: Vec<u32>,
    /// Whether no text was appended.
    pub(super) plain: bool,
}

/// Which story is assumed for each view; `None` leaves the view out.
pub(super) type Chosen<'v> = Vec<Option<&'v Story>>;

impl<'a> World<'a> {
    /// Sorts a history by sessions.
    pub(super) fn new(ground: &'a Ground<'a>) -> World<'a> {
        let views = views(ground);
        let mut numbers = BTreeMap::new();
        let mut sessions: Vec<Session> = Vec::new();
        let mut session_of = Vec::with_capacity(ground.items.len());
        for (index, item) in ground.items.iter().enumerate() {
            let at = *numbers.entry(item.session).or_insert(sessions.len());
            if at == sessions.len() {
                sessions.push(Session::default());
            }
            session_of.push(at as u32);
            if item.act.writes() {
                sessions[at].writes.push(index as u32);
                sessions[at].keyed.entry(item.key).or_default().push(index as u32);
                if item.sure {
                    sessions[at].done.push(index as u32);
                }
            }
        }
        for (index, view) in views.iter().enumerate() {
            sessions[session_of[view.item as usize] as usize].views.push(index as u32);
        }
        let end = |item: u32| ground.items[item as usize].end;
        for session in &mut sessions {
            session.done.sort_by_key(|w| end(*w));
            session.views.sort_by_key(|v| end(views[*v as usize].item));
            session.keyed.values_mut().for_each(|writes| writes.sort_by_key(|w| end(*w)));
        }
        let plain = !ground.items.iter().any(|i| matches!(i.act, Act::Append(_)));
        World { ground, views, sessions, session_of, plain }
    }

    /// The item.
    pub(super) fn item(&self, index: u32) -> &'a Item {
        &self.ground.items[index as usize]
    }

    /// The item that a view is of.
    pub(super) fn reader(&self, view: u32) -> &'a Item {
        self.item(self.views[view as usize].item)
    }

    /// The views whose story leaves no choice.
    pub(super) fn certain(&self) -> Chosen<'_> {
        self.views.iter().map(|v| (v.stories.len() == 1 && !v.more).then(|| &v.stories[0])).collect()
    }

    /// How many of a session's writes had returned before `time`.
    pub(super) fn done_before(&self, session: u32, time: u64) -> usize {
        self.sessions[session as usize].done.partition_point(|w| self.item(*w).end < time)
    }

    /// How many of a session's views had returned before `time`.
    pub(super) fn viewed_before(&self, session: u32, time: u64) -> usize {
        self.sessions[session as usize].views.partition_point(|v| self.reader(*v).end < time)
    }

    /// What every order of the writes must keep under a guarantee, whatever the judged session saw. `chosen` are the stories
    /// that count for what was read before writing.
    pub(super) fn base(&self, guarantee: Guarantee, chosen: &Chosen) -> Base {
        let mut graph = Graph::new(self.ground.items.iter().map(|item| item.start).collect());
        self.swaps(&mut graph);
        for session in 0..self.sessions.len() as u32 {
            match guarantee {
                Guarantee::WRITES_FOLLOW_READS => self.reads_first(session, chosen, &mut graph),
                Guarantee::MONOTONIC_WRITES => self.in_order(&self.sessions[session as usize].writes, &mut graph),
                _ => self.sessions[session as usize].keyed.values().for_each(|writes| self.in_order(writes, &mut graph)),
            }
        }
        Base::new(graph)
    }

    /// A compare-and-set comes after what it replaced, where only one write can be meant, called before it.
    fn swaps(&self, graph: &mut Graph) {
        for view in &self.views {
            if self.item(view.item).act.writes() && view.stories.len() == 1 && !view.more {
                let earlier = |w: &&u32| self.item(**w).start < self.item(view.item).start;
                view.stories[0].chain.iter().filter(earlier).for_each(|w| graph.add(*w, view.item));
            }
        }
    }

    /// Of these writes of a session, each comes after those that had returned when it was called. A joint for each return
    /// stands for all returns so far, so that the edges stay few.
    fn in_order(&self, writes: &[u32], graph: &mut Graph) {
        let mut done: Vec<u32> = writes.iter().copied().filter(|w| self.item(*w).sure).collect();
        done.sort_by_key(|w| self.item(*w).end);
        let joints = chain_of_joints(graph, done.iter().map(|w| (self.item(*w).end, std::slice::from_ref(w))));
        for write in writes {
            let before = done.partition_point(|w| self.item(*w).end < self.item(*write).start);
            if before > 0 {
                graph.add(joints[before - 1], *write);
            }
        }
    }

    /// Each write of a session comes after what the session had read before.
    fn reads_first(&self, session: u32, chosen: &Chosen, graph: &mut Graph) {
        let Session { views, writes, .. } = &self.sessions[session as usize];
        let seen = views.iter().map(|v| (self.reader(*v).end, chosen[*v as usize].map_or(&[][..], |story| &story.chain)));
        let joints = chain_of_joints(graph, seen);
        for write in writes {
            let before = self.viewed_before(session, self.item(*write).start);
            if before > 0 {
                graph.add(joints[before - 1], *write);
            }
        }
    }
}

/// A joint at the time of each group of writes, which comes after the group and after the joint before it.
fn chain_of_joints<'w>(graph: &mut Graph, groups: impl Iterator<Item = (u64, &'w [u32])>) -> Vec<u32> {
    let mut joints: Vec<u32> = Vec::new();
    for (time, group) in groups {
        let joint = graph.joint(time);
        for write in group.iter().chain(joints.last()) {
            graph.add(*write, joint);
        }
        joints.push(joint);
    }
    joints
}
