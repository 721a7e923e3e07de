//! The queue against the obvious slow one: a list of messages that is looked through from its beginning.

use proptest::prelude::*;

use super::queue::{Back, Lease, Message, Number, Queue, Receipt, State};
use super::settings::{Order, Settings};
use crate::sim::id::NodeId;
use crate::sim::time::{Span, Time};

const LEASE: Span = Span::s(5);

#[derive(Clone, Debug)]
enum Deed {
    Push { group: u8, urgent: bool, delay: u64 },
    Take,
    Settle(usize),
    GiveBack(usize),
    Extend(usize),
    Pass(u64),
    Redrive,
    Purge,
    Sort(bool),
}

fn deed() -> impl Strategy<Value = Deed> {
    prop_oneof![
        6 => (0u8..4, any::<bool>(), 0u64..3).prop_map(|(group, urgent, delay)| Deed::Push { group, urgent, delay }),
        6 => Just(Deed::Take),
        3 => (0usize..9).prop_map(Deed::Settle),
        2 => (0usize..9).prop_map(Deed::GiveBack),
        1 => (0usize..9).prop_map(Deed::Extend),
        3 => (0u64..4).prop_map(Deed::Pass),
        1 => Just(Deed::Redrive),
        1 => Just(Deed::Purge),
        1 => any::<bool>().prop_map(Deed::Sort),
    ]
}

/// The slow queue, beside the real one.
struct Both {
    queue: Queue,
    slow: Vec<(Number, Message)>,
    dead: Vec<Message>,
    receipts: Vec<Receipt>,
    now: Time,
    settings: Settings,
    made: u64,
}

impl Both {
    fn with(order: Order, priority: bool) -> Both {
        let settings = Settings { order, priority, attempts: Some(2), retry_delay: Span::s(1), ..Settings::default() };
        let (queue, slow, dead, receipts) = (Queue::default(), vec![], vec![], vec![]);
        Both { queue, slow, dead, receipts, now: Time::ZERO, settings, made: 0 }
    }

    fn expected(&self) -> Option<Number> {
        let free = |number: Number, message: &Message| {
            let earlier = |(other, before): &(Number, Message)| *other < number && before.group == message.group;
            message.state == State::Ready
                && !(self.settings.order == Order::Group && message.group.is_some() && self.slow.iter().any(earlier))
        };
        let open = self.slow.iter().filter(|(number, message)| free(*number, message));
        open.min_by_key(|(number, message)| (!(self.settings.priority && message.urgent), *number)).map(|(number, _)| *number)
    }

    fn do_it(&mut self, deed: &Deed) {
        match *deed {
            Deed::Push { group, urgent, delay } => self.push(group, urgent, delay),
            Deed::Take => self.take(),
            Deed::Settle(which) => self.settle(which),
            Deed::GiveBack(which) => {
                if let Some(number) = self.receipts.get(which).and_then(|receipt| self.queue.held(*receipt)) {
                    self.give_back(number);
                }
            }
            Deed::Extend(which) => self.extend(which),
            Deed::Pass(seconds) => self.pass(seconds),
            Deed::Redrive => self.redrive(),
            Deed::Purge => {
                let gone = self.queue.purge(&self.settings).len();
                let before = self.slow.len();
                self.slow.retain(|(_, message)| matches!(message.state, State::Leased(_)));
                assert_eq!(gone, before - self.slow.len());
            }
            Deed::Sort(priority) => {
                self.settings.priority = priority;
                self.queue.sort(&self.settings);
            }
        }
    }

    fn push(&mut self, group: u8, urgent: bool, delay: u64) {
        self.made += 1;
        let state = if delay == 0 { State::Ready } else { State::Delayed(self.now + Span::s(delay)) };
        let group = (group > 0).then(|| format!("g{group}").as_str().into());
        let key = format!("m{}", self.made).as_str().into();
        let message = Message { key, group, urgent, since: self.now, attempts: 0, state };
        let number = self.queue.push(message.clone(), None, &self.settings);
        self.slow.push((number, message));
    }

    fn take(&mut self) {
        let expected = self.expected();
        let worker = NodeId::server(2);
        let taken = self.queue.take(worker, Some(self.now + LEASE), 0.0, &self.settings);
        assert_eq!(taken.is_some(), expected.is_some());
        let Some((receipt, message)) = taken else { return };
        assert!(self.receipts.iter().all(|old| *old < receipt), "receipts are new");
        self.receipts.push(receipt);
        let until = self.now + LEASE;
        let (_, slow) = self.slow.iter_mut().find(|(number, _)| Some(*number) == expected).expect("it is there");
        slow.attempts += 1;
        assert_eq!((&slow.key, slow.attempts), (&message.key, message.attempts));
        slow.state = State::Leased(Lease { worker, receipt, until });
    }

    fn settle(&mut self, which: usize) {
        let Some(receipt) = self.receipts.get(which).copied() else { return };
        let settled = self.queue.settle(receipt, &self.settings);
        let holds = |message: &Message| matches!(message.state, State::Leased(lease) if lease.receipt == receipt);
        let at = self.slow.iter().position(|(_, message)| holds(message));
        assert_eq!(settled, at.map(|at| self.slow.remove(at).1));
    }

    fn give_back(&mut self, number: Number) {
        let back = self.queue.give_back(number, self.now, &self.settings);
        let at = self.slow.iter().position(|(other, _)| *other == number).expect("it is there");
        if self.slow[at].1.attempts >= 2 {
            let message = self.slow.remove(at).1;
            assert_eq!(back, Some(Back::Spent(message.clone())));
            self.queue.bury(message.clone());
            self.dead.push(message);
        } else {
            assert_eq!(back, Some(Back::Waits));
            self.slow[at].1.state = State::Delayed(self.now + Span::s(1));
        }
    }

    fn extend(&mut self, which: usize) {
        let Some(receipt) = self.receipts.get(which).copied() else { return };
        let until = self.now + LEASE;
        let extended = self.queue.extend(receipt, until, &self.settings);
        let slow = self.slow.iter_mut().find(|(_, message)| matches!(message.state, State::Leased(lease) if lease.receipt == receipt));
        assert_eq!(extended, slow.as_ref().map(|(number, _)| *number));
        if let Some((_, Message { state: State::Leased(lease), .. })) = slow {
            lease.until = until;
        }
    }

    fn pass(&mut self, seconds: u64) {
        self.now += Span::s(seconds);
        let over = self.queue.over(self.now);
        for number in over {
            let at = self.slow.iter().position(|(other, _)| *other == number).expect("it is there");
            if let State::Delayed(_) = self.slow[at].1.state {
                self.queue.show(number, &self.settings);
                self.slow[at].1.state = State::Ready;
            } else {
                self.give_back(number);
            }
        }
    }

    fn redrive(&mut self) {
        let back = self.queue.redrive(self.now, &self.settings);
        assert_eq!(back, std::mem::take(&mut self.dead));
        let last = self.queue.live().last().map_or(0, |(number, _)| number);
        let first = last + 1 - back.len() as u64;
        let anew = |message: Message| Message { attempts: 0, since: self.now, state: State::Ready, ..message };
        self.slow.extend(back.into_iter().enumerate().map(|(n, message)| (first + n as u64, anew(message))));
    }

    fn compare(&self) {
        let live: Vec<(Number, Message)> = self.queue.live().map(|(number, message)| (number, message.clone())).collect();
        assert_eq!(live, self.slow);
        let counted = |is: fn(&State) -> bool| self.slow.iter().filter(|(_, message)| is(&message.state)).count();
        assert_eq!(self.queue.ready(), counted(|state| *state == State::Ready));
        assert_eq!(self.queue.delayed(), counted(|state| matches!(state, State::Delayed(_))));
        assert_eq!(self.queue.in_flight(), counted(|state| matches!(state, State::Leased(_))));
        assert_eq!(self.queue.has_open(), self.expected().is_some());
        let gone = self.queue.settled + self.queue.removed + self.queue.moving;
        assert_eq!(self.queue.accepted, self.slow.len() as u64 + self.dead.len() as u64 + gone);
        let keys = self.slow.iter().map(|(_, message)| (&message.key, 1, 0)).chain(self.dead.iter().map(|message| (&message.key, 0, 1)));
        keys.for_each(|(key, live, dead)| assert_eq!((self.queue.copies(key).live, self.queue.copies(key).dead), (live, dead)));
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(2_000))]

    #[test]
    fn it_is_the_slow_queue(grouped in any::<bool>(), priority in any::<bool>(), deeds in prop::collection::vec(deed(), 1..60)) {
        let mut both = Both::with(if grouped { Order::Group } else { Order::Fifo }, priority);
        for deed in &deeds {
            both.do_it(deed);
            both.compare();
        }
    }

    /// Without order any of the ready is handed out, and only of those.
    #[test]
    fn without_order_any_that_is_ready_is_handed_out(deeds in prop::collection::vec(deed(), 1..60), pick in 0.0..1.0) {
        let mut both = Both::with(Order::None, false);
        for deed in deeds.iter().filter(|deed| !matches!(deed, Deed::Take)) {
            both.do_it(deed);
        }
        let ready: Vec<_> = both.slow.iter().filter(|(_, message)| message.state == State::Ready).map(|(_, message)| &message.key).collect();
        let taken = both.queue.take(NodeId::server(2), None, pick, &both.settings);
        prop_assert_eq!(taken.is_some(), !ready.is_empty());
        prop_assert!(taken.is_none_or(|(_, message)| ready.contains(&&message.key)));
    }
}

#[test]
fn without_order_each_of_the_ready_has_its_chance() {
    let mut both = Both::with(Order::None, false);
    (0..10).for_each(|_| both.push(0, false, 0));
    let pick =
        |n: u32| both.queue.clone().take(NodeId::server(2), None, f64::from(n) / 100.0, &both.settings).map(|(_, message)| message.key);
    let mut picked: Vec<_> = (0..100).filter_map(pick).collect();
    picked.dedup();
    assert!(picked.len() >= 9, "{picked:?}");
}
