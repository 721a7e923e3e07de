//! The rows of a tree: stretches without a fork.

use super::{Row, Tried};
use crate::sim::time::Time;
use crate::timeline::{BranchId, BranchView, Timeline};

/// A row that is still to be made.
struct Open {
    /// Its first node, by its index among the views.
    node: usize,
    parent: Option<usize>,
    forked: bool,
    is_last: bool,
    level: usize,
}

/// Makes rows.
struct Rows<'v> {
    views: &'v [BranchView],
    /// What was done after each, in the order in which it was tried.
    children: Vec<Vec<usize>>,
    /// The branch with which the step opens, and where.
    opening: (BranchId, (u64, Time)),
    /// The branch on which one is.
    here: BranchId,
}

impl Tried {
    /// Everything that was tried on a timeline. A step opened on this branch, after this event and at this time.
    pub fn of(run: &Timeline, opening: BranchId, opens: (u64, Time)) -> Tried {
        let views = run.branches();
        let mut place = vec![usize::MAX; views.iter().map(|view| view.id.0 as usize + 1).max().unwrap_or(0)];
        views.iter().enumerate().for_each(|(index, view)| place[view.id.0 as usize] = index);
        let mut children = vec![Vec::new(); views.len()];
        for (index, view) in views.iter().enumerate() {
            if let Some(parent) = view.parent {
                children[place[parent.0 as usize]].push(index);
            }
        }
        let here = run.branch_here();
        let rows = Rows { views: &views, children, opening: (opening, opens), here }.all();
        let holds = |row: &Row| row.last == here || row.pokes.iter().any(|(id, _)| *id == here);
        Tried {
            here: rows.iter().position(holds).unwrap_or(0),
            now: run.at(),
            ends: rows.iter().filter(|row| row.children == 0).count(),
            own: views.iter().filter(|view| !view.given).count(),
            rows,
        }
    }
}

impl Rows<'_> {
    fn all(&self) -> Vec<Row> {
        let mut rows = Vec::new();
        let mut open = vec![Open { node: 0, parent: None, forked: false, is_last: true, level: 0 }];
        while let Some(next) = open.pop() {
            let (row, last) = self.row(&next);
            let (index, level) = (rows.len(), row.level);
            let after = &self.children[last];
            let forked = after.len() > 1;
            // The newest is to be drawn first, so it is opened last.
            open.extend(after.iter().enumerate().map(|(i, &node)| Open {
                node,
                parent: Some(index),
                forked,
                is_last: i == 0,
                level: level + usize::from(forked),
            }));
            rows.push(row);
        }
        rows
    }

    /// The row that begins with a node, and its last node.
    fn row(&self, open: &Open) -> (Row, usize) {
        let first = &self.views[open.node];
        let mut last = open.node;
        let mut pokes: Vec<_> = first.poke.iter().map(|poke| (first.id, poke.clone())).collect();
        while let (false, [next]) = (self.ends(last), &self.children[last][..]) {
            if self.views[*next].given != first.given {
                break;
            }
            last = *next;
            let view = &self.views[last];
            pokes.extend(view.poke.iter().map(|poke| (view.id, poke.clone())));
        }
        let view = &self.views[last];
        let row = Row {
            id: first.id,
            last: view.id,
            parent: open.parent,
            forked: open.forked,
            is_last: open.is_last,
            level: open.level,
            children: self.children[last].len(),
            pokes,
            given: first.given,
            name: view.name.clone(),
            on_path: first.on_path,
            end: view.seen,
            opens: (view.id == self.opening.0).then_some(self.opening.1),
        };
        (row, last)
    }

    /// Whether a row ends with this node, although only one thing was done after it.
    fn ends(&self, node: usize) -> bool {
        let view = &self.views[node];
        view.poke.is_none() || view.name.is_some() || view.id == self.opening.0 || view.id == self.here
    }
}
