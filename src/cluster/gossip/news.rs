//! News about members that wait to ride on a message (SWIM, section 4.1: dissemination by piggybacking).

use crate::persistent::OrdMap;
use crate::sim::id::NodeId;

use super::belief::{Claim, Update};

/// What a piece of news is about: a member, and of an accusation also whose it is, for two witnesses are two pieces of news.
type Topic = (NodeId, Option<NodeId>);

/// News in the order in which they ride: those that were passed on least often first, so that a busy group loses none of them.
#[derive(Clone, Debug, Default)]
pub(super) struct News {
    /// By how often it was passed on, and then by age.
    waiting: OrdMap<(u32, u64), Update>,
    places: OrdMap<Topic, (u32, u64)>,
    /// How many there have been.
    count: u64,
}

fn topic(update: &Update) -> Topic {
    let by = if let Claim::Suspect { by, .. } = update.claim { Some(by) } else { None };
    (update.about, by)
}

impl News {
    /// Takes in a piece of news; it replaces what it makes old.
    pub(super) fn add(&mut self, update: Update) {
        if topic(&update).1.is_none() {
            self.drop_all(update.about);
        }
        self.count += 1;
        self.put(update, (0, self.count));
    }

    fn put(&mut self, update: Update, place: (u32, u64)) {
        if let Some(older) = self.places.insert(topic(&update), place) {
            self.waiting.remove(&older);
        }
        self.waiting.insert(place, update);
    }

    /// Nothing that waits about this member counts any more.
    fn drop_all(&mut self, about: NodeId) {
        let topics: Vec<Topic> = self.places.range((about, None)..).map(|(topic, _)| *topic).take_while(|topic| topic.0 == about).collect();
        for topic in topics {
            if let Some(place) = self.places.remove(&topic) {
                self.waiting.remove(&place);
            }
        }
    }

    /// An accusation is not passed on any more.
    pub(super) fn drop_accusation(&mut self, about: NodeId, by: NodeId) {
        if let Some(place) = self.places.remove(&(about, Some(by))) {
            self.waiting.remove(&place);
        }
    }

    /// What rides on the next message: so many at most, and each no more often than `times` in all.
    pub(super) fn ride(&mut self, most: usize, times: u32) -> Vec<Update> {
        let riding: Vec<((u32, u64), Update)> = self.waiting.iter().take(most).map(|(place, update)| (*place, *update)).collect();
        for ((sent, age), update) in &riding {
            self.waiting.remove(&(*sent, *age));
            if sent + 1 < times {
                self.put(*update, (sent + 1, *age));
            } else {
                self.places.remove(&topic(update));
            }
        }
        riding.into_iter().map(|(_, update)| update).collect()
    }

    /// How many wait.
    #[cfg(test)]
    pub(super) fn len(&self) -> usize {
        self.waiting.len()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn suspect(about: u16, by: u16) -> Update {
        Update { about: NodeId::server(about), incarnation: 0, claim: Claim::Suspect { by: NodeId::server(by), number: 1 } }
    }

    fn dead(about: u16) -> Update {
        Update { claim: Claim::Dead { by: NodeId::server(0) }, ..suspect(about, 0) }
    }

    #[test]
    fn each_rides_as_often_as_it_may_and_the_newest_first() {
        let mut news = News::default();
        news.add(dead(1));
        assert_eq!(news.ride(2, 3), [dead(1)]);
        news.add(dead(2));
        news.add(dead(3));
        assert_eq!(news.ride(2, 3), [dead(2), dead(3)], "what rode before waits");
        assert_eq!(news.ride(9, 3).len(), 3);
        assert_eq!(news.ride(9, 3).len(), 3);
        assert_eq!((news.ride(9, 3), news.len()), (Vec::new(), 0));
    }

    #[test]
    fn two_accusers_are_two_pieces_and_a_death_replaces_both() {
        let mut news = News::default();
        news.add(suspect(1, 2));
        news.add(suspect(1, 3));
        news.add(suspect(1, 3));
        assert_eq!(news.len(), 2);
        news.add(dead(1));
        news.add(suspect(4, 2));
        assert_eq!(news.ride(9, 1), [dead(1), suspect(4, 2)]);
    }

    /// However busy a group is, nothing is thrown away before it has been passed on as often as it may.
    #[test]
    fn a_busy_group_loses_no_death() {
        let mut news = News::default();
        let mut rode = [0; 300];
        for about in 0..300 {
            news.add(dead(about));
            news.ride(2, 4).iter().for_each(|update| rode[update.about.index()] += 1);
        }
        while news.len() > 0 {
            news.ride(2, 4).iter().for_each(|update| rode[update.about.index()] += 1);
        }
        assert!(rode.iter().all(|times| *times == 4), "{rode:?}");
    }
}
