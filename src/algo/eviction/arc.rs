//! ARC: Megiddo and Modha, FAST 2003, figure 4. The target `p` and its steps are real numbers.

use super::line::Line;
use super::{Asked, Evicts, Queue};

#[derive(Clone, Debug)]
pub(super) struct Arc<K: Ord + Clone> {
    /// T1: asked for once lately.
    once: Line<K>,
    /// T2: asked for at least twice lately.
    again: Line<K>,
    /// B1: ghosts of those asked for once.
    once_gone: Line<K>,
    /// B2: ghosts of the others.
    again_gone: Line<K>,
    /// p: how many slots those asked for once are to have.
    target: f64,
    capacity: usize,
}

/// Where a key that comes in was remembered.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Ghost {
    Once,
    Again,
    None,
}

impl<K: Ord + Clone> Arc<K> {
    fn ghost(&self, key: &K) -> Ghost {
        match () {
            () if self.once_gone.contains(key) => Ghost::Once,
            () if self.again_gone.contains(key) => Ghost::Again,
            () => Ghost::None,
        }
    }

    /// The ghost of one kind was asked for: that kind gets more room.
    fn adapt(&mut self, ghost: Ghost) {
        let (once, again) = (self.once_gone.len() as f64, self.again_gone.len() as f64);
        match ghost {
            Ghost::Once => self.target = (self.target + (again / once).max(1.0)).min(self.capacity as f64),
            Ghost::Again => self.target = (self.target - (once / again).max(1.0)).max(0.0),
            Ghost::None => {}
        }
    }

    /// Whether the oldest of those asked for once goes, and not of the others.
    fn takes_once(&self, ghost: Ghost) -> bool {
        let once = self.once.len() as f64;
        let over = once > self.target || (ghost == Ghost::Again && once >= self.target);
        (self.once.len() > 0 && over) || self.again.len() == 0
    }

    /// The figure's REPLACE.
    fn replace(&mut self, ghost: Ghost) -> Option<K> {
        if self.len() < self.capacity {
            return None;
        }
        let (from, to) =
            if self.takes_once(ghost) { (&mut self.once, &mut self.once_gone) } else { (&mut self.again, &mut self.again_gone) };
        let key = from.pop()?;
        to.push(key.clone());
        Some(key)
    }
}

impl<K: Ord + Clone> Evicts<K> for Arc<K> {
    fn new(capacity: usize) -> Self {
        let line = Line::default;
        Arc { once: line(), again: line(), once_gone: line(), again_gone: line(), target: 0.0, capacity }
    }

    fn len(&self) -> usize {
        self.once.len() + self.again.len()
    }

    fn contains(&self, key: &K) -> bool {
        self.once.contains(key) || self.again.contains(key)
    }

    fn hit(&mut self, key: &K, _: Asked) {
        self.once.remove(key);
        self.again.push(key.clone());
    }

    fn admit(&mut self, key: K, asked: Asked) -> Option<K> {
        let ghost = self.ghost(&key);
        if ghost == Ghost::None {
            let gone = self.make_room(asked.draw);
            self.once.push(key);
            return gone;
        }
        self.adapt(ghost);
        let gone = self.replace(ghost);
        self.once_gone.remove(&key);
        self.again_gone.remove(&key);
        self.again.push(key);
        gone
    }

    fn remove(&mut self, key: &K) {
        self.once.remove(key);
        self.again.remove(key);
    }

    /// Case IV of the figure.
    fn make_room(&mut self, _: f64) -> Option<K> {
        let first = self.once.len() + self.once_gone.len();
        if first >= self.capacity {
            if self.once.len() >= self.capacity {
                return self.once.pop();
            }
            self.once_gone.pop();
        } else if first + self.again.len() + self.again_gone.len() >= 2 * self.capacity {
            self.again_gone.pop();
        }
        self.replace(Ghost::None)
    }

    fn queues(&self) -> Vec<Queue<K>> {
        let plain = |line: &Line<K>| line.listed(|_| 0);
        vec![
            Queue::new("once", plain(&self.once)),
            Queue::new("again", plain(&self.again)),
            Queue::ghosts("ghosts once", plain(&self.once_gone)),
            Queue::ghosts("ghosts again", plain(&self.again_gone)),
        ]
    }

    fn why(&self, key: &K) -> String {
        let (once, target) = (self.once.len(), self.target);
        if self.once.contains(key) {
            format!("oldest of those asked for once, which have {once} slots; the target is {target:.1}")
        } else {
            format!("oldest of those asked for again; those asked for once have {once} slots, and the target is {target:.1}")
        }
    }
}
