//! Anti-entropy: two replicas compare Merkle trees of what they share, from the root down, and exchange the rows of leaves that
//! differ (Dynamo, section 4.7). Neither remembers the conversation: every message says all that its answer needs.

use std::sync::Arc;

use crate::algo::hash::place;
use crate::algo::merkle::MerkleTree;
use crate::check::operation::Key;
use crate::sim::id::NodeId;

use super::cell::Cell;
use super::message::{Branch, Mending, Msg, Note};
use super::replica::mend;
use super::{Context, Timer};

/// Levels of a tree below its root: 16 leaves.
pub(super) const DEPTH: u32 = 4;

/// Starts to compare, each node at another time.
pub(super) fn boot(cx: &mut Context<'_>) {
    match cx.settings().anti_entropy {
        Some(every) => {
            let first = every.scaled(cx.rng().unit());
            cx.set_timer(first, Timer::AntiEntropy);
        }
        None => cx.cancel_timer(Timer::AntiEntropy),
    }
}

/// Asks the next of the others whether both have the same.
pub(super) fn compare(turn: &mut u16, cx: &mut Context<'_>) {
    let Some(every) = cx.settings().anti_entropy else { return };
    cx.set_timer(every, Timer::AntiEntropy);
    let others: Vec<NodeId> = cx.servers().filter(|id| *id != cx.id()).collect();
    if others.is_empty() {
        return;
    }
    let peer = others[usize::from(*turn) % others.len()];
    *turn = turn.wrapping_add(1);
    let root = tree(peer, cx).hash(1);
    cx.send(peer, Msg::Compare { nodes: Arc::new([(1, root)]) });
}

/// The rows of which both this node and another are replicas.
fn shared(peer: NodeId, cx: &Context<'_>) -> Vec<(Key, Cell)> {
    let (settings, servers, me) = (cx.settings(), cx.server_count(), cx.id());
    let is_shared = |key: &Key| {
        let homes = settings.homes(key, servers);
        homes.contains(&me) && homes.contains(&peer)
    };
    cx.disk().cells.iter().filter(|(key, _)| is_shared(key)).map(|(key, cell)| (key.clone(), cell.clone())).collect()
}

fn tree(peer: NodeId, cx: &Context<'_>) -> MerkleTree {
    MerkleTree::of(DEPTH, shared(peer, cx).iter().map(|(key, cell)| (place(key), cell.row(key))))
}

/// Looks where the trees part: goes down there, and at the leaves sends its rows.
pub(super) fn on_compare(from: NodeId, nodes: &[(u32, u64)], cx: &mut Context<'_>) {
    let tree = tree(from, cx);
    let apart = nodes.iter().map(|(node, hash)| (*node as usize, hash)).filter(|(node, hash)| tree.hash(*node) != **hash);
    let (leaves, inner): (Vec<usize>, Vec<usize>) = apart.map(|(node, _)| node).partition(|node| tree.is_leaf(*node));
    if !inner.is_empty() {
        let below = inner.iter().flat_map(|node| tree.children(*node)).map(|(node, hash)| (node as u32, hash)).collect();
        cx.send(from, Msg::Compare { nodes: below });
    }
    if !leaves.is_empty() {
        let rows = rows_of(&leaves, from, cx).into();
        let leaves = leaves.iter().map(|leaf| *leaf as u32).collect();
        cx.send(from, Msg::Rows(Branch { leaves, rows, both_ways: true }));
    }
}

fn rows_of(leaves: &[usize], peer: NodeId, cx: &Context<'_>) -> Vec<(Key, Cell)> {
    let empty = MerkleTree::new(DEPTH);
    shared(peer, cx).into_iter().filter(|(key, _)| leaves.contains(&empty.leaf(place(key)))).collect()
}

/// Takes in what is newer, and sends back what the other did not have.
pub(super) fn on_rows(from: NodeId, theirs: &Branch, cx: &mut Context<'_>) {
    // Trees that were compared differ in some leaf.
    let by = if theirs.leaves.is_empty() { Mending::Rebuild } else { Mending::Entropy };
    mend(theirs.rows.iter().map(|(key, cell)| (key, cell)), by, cx);
    if !theirs.both_ways {
        return;
    }
    let leaves: Vec<usize> = theirs.leaves.iter().map(|leaf| *leaf as usize).collect();
    let mut mine = rows_of(&leaves, from, cx);
    mine.retain(|row| !theirs.rows.contains(row));
    if !mine.is_empty() {
        cx.send(from, Msg::Rows(Branch { leaves: theirs.leaves.clone(), rows: mine.into(), both_ways: false }));
    }
}

/// Sends another node everything that both should have: a copy of one replica alone, which may be behind.
pub(super) fn rebuild(to: NodeId, cx: &mut Context<'_>) {
    let rows = shared(to, cx);
    cx.note(Note::Rebuilds { to, rows: rows.len() });
    cx.send(to, Msg::Rows(Branch { leaves: Arc::new([]), rows: rows.into(), both_ways: false }));
}
