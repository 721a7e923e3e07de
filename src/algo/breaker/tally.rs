//! How calls ended of late: by the last so many, or by the last while.

use imbl::Vector;

/// Which calls count.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Window {
    /// The last so many.
    Calls(u32),
    /// Those of the last while, in slices that are forgotten whole: it looks back by `ticks` less a part of one slice.
    Time {
        /// How long, in all.
        ticks: u64,
        /// How many slices.
        slices: u32,
    },
}

/// Good and bad ends. Cheap to clone.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Tally {
    parts: Vector<Part>,
}

/// One call, or the calls of one slice.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Part {
    slice: u64,
    good: u32,
    bad: u32,
}

impl Tally {
    /// A call ended.
    pub fn add(&mut self, is_bad: bool, now: u64, window: Window) {
        let (good, bad) = (u32::from(!is_bad), u32::from(is_bad));
        match window {
            Window::Calls(most) => {
                self.parts.push_back(Part { slice: 0, good, bad });
                while self.parts.len() > most.max(1) as usize {
                    self.parts.pop_front();
                }
            }
            Window::Time { ticks, slices } => {
                // A clock that was set back stays in the slice where it was.
                let slice = slice_of(now, ticks, slices).max(self.parts.back().map_or(0, |part| part.slice));
                while self.parts.front().is_some_and(|part| is_past(part.slice, slice, slices)) {
                    self.parts.pop_front();
                }
                match self.parts.back_mut().filter(|part| part.slice == slice) {
                    Some(part) => {
                        part.good = part.good.saturating_add(good);
                        part.bad = part.bad.saturating_add(bad);
                    }
                    None => self.parts.push_back(Part { slice, good, bad }),
                }
            }
        }
    }

    /// How calls ended in the window of this time: good and bad.
    pub fn counts(&self, now: u64, window: Window) -> (u32, u32) {
        let counts = |part: &&Part| match window {
            Window::Calls(_) => true,
            Window::Time { ticks, slices } => !is_past(part.slice, slice_of(now, ticks, slices), slices),
        };
        let sum = |(good, bad): (u32, u32), part: &Part| (good.saturating_add(part.good), bad.saturating_add(part.bad));
        self.parts.iter().filter(counts).fold((0, 0), sum)
    }
}

fn slice_of(now: u64, ticks: u64, slices: u32) -> u64 {
    now / (ticks / u64::from(slices.max(1))).max(1)
}

fn is_past(slice: u64, current: u64, slices: u32) -> bool {
    slice.saturating_add(u64::from(slices.max(1))) <= current
}
