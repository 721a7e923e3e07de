//! A node's disk: what was written, and the older state that is sure to survive a loss of power.

/// A write failed because the disk is full.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the disk is full")]
pub struct DiskFull;

/// The disk of one node. `D` is cheap to clone.
#[derive(Clone, Debug, Default)]
pub struct Store<D> {
    current: D,
    durable: D,
    dirty: bool,
    full: bool,
    /// Syncs on their way: what each will have made durable, oldest first.
    syncing: std::collections::VecDeque<(u64, D)>,
    started: u64,
}

impl<D: Clone + Default> Store<D> {
    /// What a process reads: unsynced writes included.
    pub fn current(&self) -> &D {
        &self.current
    }

    /// What survives a loss of power.
    pub fn durable(&self) -> &D {
        &self.durable
    }

    /// Whether something is written but not durable.
    pub fn has_unsynced(&self) -> bool {
        self.dirty || !self.syncing.is_empty()
    }

    /// Whether writes fail.
    pub fn is_full(&self) -> bool {
        self.full
    }

    /// Makes writes fail, or work again.
    pub fn set_full(&mut self, full: bool) {
        self.full = full;
    }

    /// Writes; nothing changes when the disk is full.
    pub fn write<T>(&mut self, change: impl FnOnce(&mut D) -> T) -> Result<T, DiskFull> {
        if self.full {
            return Err(DiskFull);
        }
        self.dirty = true;
        Ok(change(&mut self.current))
    }

    /// Starts a sync of everything written so far and returns its number; `None` when there is nothing new to sync.
    pub fn begin_sync(&mut self) -> Option<u64> {
        if !self.dirty {
            return None;
        }
        self.dirty = false;
        self.started += 1;
        self.syncing.push_back((self.started, self.current.clone()));
        Some(self.started)
    }

    /// The newest sync on its way.
    pub fn newest_sync(&self) -> Option<u64> {
        self.syncing.back().map(|(number, _)| *number)
    }

    /// A sync is done: it and all before it are durable.
    pub fn end_sync(&mut self, number: u64) {
        while self.syncing.front().is_some_and(|(n, _)| *n <= number) {
            if let Some((_, state)) = self.syncing.pop_front() {
                self.durable = state;
            }
        }
    }

    /// The process died; the machine lives: the operating system still holds every write.
    pub fn survive(&mut self) {
        self.durable = self.current.clone();
        self.dirty = false;
        self.syncing.clear();
    }

    /// Power was lost: what was not synced is gone.
    pub fn lose_unsynced(&mut self) {
        self.current = self.durable.clone();
        self.dirty = false;
        self.syncing.clear();
    }

    /// The disk is gone.
    pub fn wipe(&mut self) {
        *self = Store { started: self.started, ..Store::default() };
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_synced_writes_survive_a_loss_of_power() {
        let mut disk: Store<Vec<u32>> = Store::default();
        disk.write(|d| d.push(1)).unwrap();
        let sync = disk.begin_sync().unwrap();
        disk.write(|d| d.push(2)).unwrap();
        assert_eq!(disk.current(), &[1, 2]);
        disk.end_sync(sync);
        assert!(disk.has_unsynced());
        disk.lose_unsynced();
        assert_eq!(disk.current(), &[1]);
        disk.set_full(true);
        assert_eq!(disk.write(|d| d.push(3)), Err(DiskFull));
        disk.wipe();
        assert!(disk.current().is_empty() && !disk.is_full());
    }
}
