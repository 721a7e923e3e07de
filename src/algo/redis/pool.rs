//! Names from which any can be drawn with the same chance. Cheap to clone.

use imbl::Vector;

use super::args::Text;
use crate::persistent::OrdMap;

/// The names.
#[derive(Clone, Debug, Default)]
pub(super) struct Pool {
    names: Vector<Text>,
    places: OrdMap<Text, usize>,
}

impl Pool {
    /// How many there are.
    pub(super) fn len(&self) -> usize {
        self.names.len()
    }

    /// Takes in a name, unless it is there.
    pub(super) fn insert(&mut self, name: &Text) {
        if !self.places.contains_key(name) {
            self.places.insert(name.clone(), self.names.len());
            self.names.push_back(name.clone());
        }
    }

    /// Takes a name out; the last takes its place.
    pub(super) fn remove(&mut self, name: &str) {
        let Some(place) = self.places.remove(name) else { return };
        let Some(last) = self.names.pop_back() else { return };
        if place < self.names.len() {
            self.places.insert(last.clone(), place);
            self.names.set(place, last);
        }
    }

    /// The name for a number drawn evenly from 0 to 1.
    pub(super) fn pick(&self, draw: f64) -> Option<&Text> {
        let place = (draw * self.names.len() as f64) as usize;
        self.names.get(place.min(self.names.len().checked_sub(1)?))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeSet;

    #[test]
    fn every_name_can_be_drawn_and_no_other() {
        let mut pool = Pool::default();
        (0..10).for_each(|n| pool.insert(&Text::from(format!("k{n}"))));
        for gone in ["k3", "k9", "k0", "nobody"] {
            pool.remove(gone);
        }
        pool.insert(&Text::from("k5"));
        let drawn: BTreeSet<&str> = (0..100).filter_map(|n| pool.pick(f64::from(n) / 100.0)).map(|name| &**name).collect();
        assert_eq!(drawn.into_iter().collect::<Vec<_>>(), ["k1", "k2", "k4", "k5", "k6", "k7", "k8"]);
        assert_eq!((pool.len(), pool.pick(1.0).is_some(), Pool::default().pick(0.5)), (7, true, None));
    }
}
