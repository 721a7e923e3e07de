//! A client: one address, from which one or many users ask. It may come back after a refusal.

use crate::cluster::kit::tries::Tries;
use crate::persistent::OrdMap;
use crate::sim::history::Cause;
use crate::sim::id::{NodeId, RequestId};
use crate::sim::protocol::Reply;
use crate::sim::time::{Span, Time};

use super::message::{Msg, Op, Ret, Ticket, Told};
use super::note::Note;
use super::settings::{Again, Settings, Spread};
use super::{Context, FIRST, Key};

/// Its process.
#[derive(Clone, Debug, Default)]
pub struct Caller {
    /// How many requests it has sent: their numbers, and whose turn it is.
    sent: u32,
    /// Requests without an answer.
    open: OrdMap<u32, Try>,
    /// Requests that are to be sent later.
    planned: Tries<Try>,
    /// How many requests were served, and how long they took, all together.
    pub served: (u64, Span),
    /// What each exchange waits for.
    groups: OrdMap<RequestId, Group>,
}

/// One of the requests of an exchange.
#[derive(Clone, Debug)]
struct Try {
    exchange: RequestId,
    user: Key,
    /// Which time it is asked, from 1.
    number: u32,
    /// When it was sent.
    at: Time,
}

#[derive(Clone, Debug)]
struct Group {
    left: u32,
    passed: u32,
    op: Op,
    /// The last answer other than that it was served.
    bad: Told,
}

impl Caller {
    pub(super) fn on_request(&mut self, exchange: RequestId, op: Op, cx: &mut Context<'_>) {
        let user = op.user.clone().unwrap_or_else(|| super::node::address(cx.id()));
        let (count, after, over) = (op.count(), op.after, op.over);
        self.groups.insert(exchange, Group { left: count, passed: 0, op, bad: Told::CannotCount });
        for n in 0..count {
            let share = u128::from(over.0) * u128::from(n) / u128::from(count);
            let wait = after + Span(share as u64);
            let one = Try { exchange, user: user.clone(), number: 1, at: cx.clock() };
            if wait == Span::ZERO { self.send(one, cx) } else { _ = self.planned.begin(one, wait, cx) }
        }
    }

    pub(super) fn on_planned(&mut self, cx: &mut Context<'_>) {
        for one in self.planned.overdue(cx) {
            self.send(one, cx);
        }
    }

    fn send(&mut self, one: Try, cx: &mut Context<'_>) {
        let call = self.sent;
        self.sent = self.sent.wrapping_add(1);
        let limiters = (cx.server_count() - FIRST).max(1);
        let number = match cx.settings().spread {
            Spread::InTurn => call as usize % limiters,
            Spread::One => cx.id().index() % limiters,
        };
        let ticket = Ticket { caller: cx.id(), call, user: one.user.clone() };
        cx.ask(one.exchange, NodeId::server((FIRST + number) as u16), Msg::Ask(ticket));
        self.open.insert(call, Try { at: cx.clock(), ..one });
    }

    pub(super) fn on_told(&mut self, call: u32, told: Told, cx: &mut Context<'_>) {
        let Some(one) = self.open.remove(&call) else { return };
        if told == Told::Served {
            self.served = (self.served.0 + 1, self.served.1 + cx.clock().since(one.at));
        }
        if let Told::TooMany(after) = told
            && let Some(wait) = wait(&one, after, cx)
        {
            cx.note(Note::ComesBack { user: one.user.clone(), wait });
            self.planned.begin(Try { number: one.number + 1, ..one }, wait, cx);
            return;
        }
        self.settle(one.exchange, told, cx);
    }

    fn settle(&mut self, exchange: RequestId, told: Told, cx: &mut Context<'_>) {
        let Some(group) = self.groups.get_mut(&exchange) else { return };
        group.left = group.left.saturating_sub(1);
        if told == Told::Served {
            group.passed += 1;
        } else {
            group.bad = told;
        }
        if group.left == 0
            && let Some(group) = self.groups.remove(&exchange)
        {
            cx.reply(exchange, group.reply());
        }
    }

    /// The time of an exchange is over.
    pub(super) fn on_give_up(&mut self, exchange: RequestId) {
        self.groups.remove(&exchange);
        self.open = self.open.iter().filter(|(_, one)| one.exchange != exchange).map(|(call, one)| (*call, one.clone())).collect();
        self.planned.drop_if(|one| one.exchange == exchange);
    }
}

impl Group {
    fn reply(&self) -> Reply<Ret> {
        let (of, burst) = (self.op.count(), self.op.burst.is_some());
        match self.bad {
            _ if self.passed > 0 => Reply::Ok(Ret { passed: self.passed, of, burst }),
            Told::Overloaded | Told::CannotCount => Reply::Refused(Cause::from(self.bad.why())),
            bad => Reply::Refused(Cause::from(if burst { format!("0 of {of} passed: {}", bad.why()) } else { bad.why() })),
        }
    }
}

/// After how long a caller comes back that was refused; `None`: it does not.
fn wait(one: &Try, after: Span, cx: &mut Context<'_>) -> Option<Span> {
    let Settings { retry, tries, jitter, blind_wait, .. } = *cx.settings();
    if one.number >= tries {
        return None;
    }
    match retry {
        Again::Never => None,
        Again::Heed => Some(after),
        Again::Jitter => Some(after + jitter.scaled(cx.rng().unit())),
        Again::Blind => Some(blind_wait),
    }
}

/// How long an exchange may take: what is planned, and what each further try may have to wait for.
pub(super) fn patience(settings: &Settings, op: &Op) -> Span {
    let waits = match settings.retry {
        Again::Never => Span::ZERO,
        // A refusal names two windows at most.
        Again::Heed | Again::Jitter => (settings.window.scaled(2.0) + settings.jitter).scaled(f64::from(settings.tries)),
        Again::Blind => settings.blind_wait.scaled(f64::from(settings.tries)),
    };
    op.after + op.over + waits + settings.request_timeout
}
