//! What goes over the wire, what users ask, and what they are told.

use std::fmt;

use crate::check::operation::Key;
use crate::cluster::live::Labelled;
use crate::cluster::scene::{MessageDoc, Sign};
use crate::packs;
use crate::sim::id::{NodeId, RequestId};
use crate::sim::protocol::Wire;
use crate::sim::time::Time;

use super::words::{Path, Service};

/// What a user asks.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Op {
    /// For what.
    pub what: What,
    /// Which way, and with what.
    pub way: Way,
}

/// What a user asks for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum What {
    /// The page that is gathered from several services.
    Home,
    /// This order.
    Order(Key),
    /// To make this payment. The same key is the same payment.
    Pay(Key),
    /// A new token.
    Login,
}

/// How a request comes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Way {
    /// Through the gateway, with the user's token.
    Token,
    /// Through the gateway, without.
    Bare,
    /// Past the gateway, without.
    Direct,
}

packs!(struct Op { what, way });
packs!(enum What { 0 = Home {}, 1 = Order { 0: key }, 2 = Pay { 0: key }, 3 = Login {} });
packs!(enum Way { 0 = Token {}, 1 = Bare {}, 2 = Direct {} });

impl What {
    /// The path of the gateway; `None` for what does not go through it.
    pub fn path(&self) -> Option<Path> {
        match self {
            What::Home => Some(Path::Home),
            What::Order(_) => Some(Path::Orders),
            What::Pay(_) => Some(Path::Pay),
            What::Login => None,
        }
    }
}

impl fmt::Display for What {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            What::Home => f.write_str("home"),
            What::Order(key) => write!(f, "order {key}"),
            What::Pay(key) => write!(f, "pay {key}"),
            What::Login => f.write_str("login"),
        }
    }
}

/// What a user is told.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Ret {
    /// The page. Services whose part is left out, and those whose part is old: a bit for each.
    Home {
        /// Left out.
        without: u32,
        /// Old, or a default.
        old: u32,
    },
    /// The order.
    Order(Key),
    /// It is paid; whether it had been before.
    Paid {
        /// Whether it had been.
        before: bool,
    },
    /// There is a new token.
    LoggedIn,
}

packs!(enum Ret { 0 = Home { without: without, old: old }, 1 = Order { 0: key }, 2 = Paid { before: before }, 3 = LoggedIn {} });

impl Ret {
    /// Whether something is left out or old.
    pub fn is_partial(&self) -> bool {
        matches!(self, Ret::Home { without, old } if without | old != 0)
    }
}

impl fmt::Display for Ret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Ret::Home { without, old } => {
                let named = |bits: u32| {
                    let of = |service: &Service| bits & bit(*service) != 0;
                    Service::ALL.into_iter().filter(of).map(Service::name).collect::<Vec<_>>().join(" ")
                };
                f.write_str("home")?;
                for (word, bits) in [("without", *without), ("old", *old)].into_iter().filter(|(_, bits)| *bits != 0) {
                    write!(f, ", {word} {}", named(bits))?;
                }
                Ok(())
            }
            Ret::Order(key) => write!(f, "order {key}"),
            Ret::Paid { before: false } => f.write_str("paid"),
            Ret::Paid { before: true } => f.write_str("paid before"),
            Ret::LoggedIn => f.write_str("logged in"),
        }
    }
}

/// The bit of a service.
pub(super) const fn bit(service: Service) -> u32 {
    1 << service as u32
}

/// Who may ask, as `auth` made it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Token {
    /// Whose it is.
    pub owner: NodeId,
    /// Which of its owner's.
    pub number: u32,
    /// Until when it is good; `None`: for ever.
    pub until: Option<Time>,
}

impl Token {
    /// Whether it is good at this time, as far as the time on it says.
    pub fn lasts(&self, now: Time) -> bool {
        self.until.is_none_or(|until| now < until)
    }
}

/// A request on its way.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Ticket {
    /// Whose it is.
    pub user: NodeId,
    /// Which of that user's.
    pub request: RequestId,
    /// Which try of it.
    pub attempt: u32,
    /// What it asks for.
    pub what: What,
    /// The token that came with it.
    pub token: Option<Token>,
}

impl Ticket {
    /// What is paid, where something is: the same key of another user is another payment.
    pub fn payment(&self) -> Option<Key> {
        if let What::Pay(key) = &self.what { Some(format!("{key} of {}", self.user).into()) } else { None }
    }
}

/// What a service is asked to do.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Work {
    /// Look something up.
    Read,
    /// Make a payment, known by a key.
    Pay {
        /// The payment.
        payment: Key,
        /// What it may be known again by.
        key: Key,
    },
}

/// How a service answers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Answer {
    /// It did it; whether it had done it before.
    Done {
        /// Whether it had.
        before: bool,
    },
    /// There is no such thing.
    Missing,
    /// It failed.
    Error,
    /// It has no room, and did nothing.
    Full,
}

/// Why a part of an answer is not there.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fail {
    /// The breaker was open: no call was made.
    Open,
    /// The bulkhead was full: no call was made.
    Bulkhead,
    /// The service had no room.
    Full,
    /// The service failed.
    Error,
    /// There is no such thing.
    Missing,
    /// The service did not answer.
    Silent,
}

/// How a request ended badly.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Bad {
    /// It came without a good token.
    NoToken,
    /// There is no such route.
    NoRoute,
    /// The gateway had no room.
    Full,
    /// Its time was over.
    Late,
    /// Its token could not be checked.
    NoAuth,
    /// A service is to blame.
    Of(Service, Fail),
}

/// How a request ended.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum End {
    /// Well.
    Well(Ret),
    /// Badly; whether something may have been done all the same.
    Badly {
        /// Why.
        bad: Bad,
        /// Whether something may have been done.
        unsure: bool,
    },
}

impl Bad {
    /// With its status, for the user.
    pub fn says(self) -> String {
        match self {
            Bad::NoToken => "401, no valid token".into(),
            Bad::NoRoute => "404, no such route".into(),
            Bad::Full => "503, the gateway is full".into(),
            Bad::Late => "504, too late".into(),
            Bad::NoAuth => "503, auth does not answer".into(),
            Bad::Of(service, fail) => format!("{}, {}: {}", fail.status(), service.name(), fail.says()),
        }
    }

    /// Whether the request was surely not carried out, and whoever said so could tell.
    pub fn is_refusal(self) -> bool {
        match self {
            Bad::NoToken | Bad::NoRoute | Bad::Full => true,
            Bad::Late | Bad::NoAuth => false,
            Bad::Of(_, fail) => !fail.is_unsure(),
        }
    }
}

impl Fail {
    /// In a word or two.
    pub fn says(self) -> &'static str {
        match self {
            Fail::Open => "breaker open",
            Fail::Bulkhead => "bulkhead full",
            Fail::Full => "full",
            Fail::Error => "error",
            Fail::Missing => "not there",
            Fail::Silent => "no answer",
        }
    }

    fn status(self) -> u16 {
        match self {
            Fail::Open | Fail::Bulkhead | Fail::Full => 503,
            Fail::Error => 502,
            Fail::Missing => 404,
            Fail::Silent => 504,
        }
    }

    /// Whether the service may have done it all the same.
    pub fn is_unsure(self) -> bool {
        matches!(self, Fail::Error | Fail::Silent)
    }

    /// Whether a call was made at all.
    pub fn was_sent(self) -> bool {
        !matches!(self, Fail::Open | Fail::Bulkhead)
    }
}

/// A message on the wire.
#[derive(Clone, Debug)]
pub enum Msg {
    /// A user asks the gateway.
    Ask(Box<Ticket>),
    /// A user asks a service, past the gateway.
    Past(Box<Ticket>),
    /// How it ended.
    Told { request: RequestId, attempt: u32, end: Box<End> },
    /// The gateway calls a service.
    Call { call: u32, work: Box<Work> },
    /// The service answers.
    Did { call: u32, answer: Answer },
    /// A service asks the database.
    Query { call: u32 },
    /// The database answers.
    Found { call: u32, ok: bool },
    /// The gateway asks whether a token is good.
    Check { call: u32, token: Token },
    /// Whether it is.
    Checked { call: u32, good: bool },
    /// A user wants a token of this number.
    Login { request: RequestId, number: u32 },
    /// Here it is.
    Issued { request: RequestId, token: Token },
}

/// The number of a question to the database in a trace.
pub(super) const QUERY: u8 = 4;

impl Wire for Msg {
    fn kind(&self) -> u8 {
        match self {
            Msg::Ask(_) | Msg::Past(_) => 0,
            Msg::Told { .. } => 1,
            Msg::Call { .. } => 2,
            Msg::Did { .. } => 3,
            Msg::Query { .. } => QUERY,
            Msg::Found { .. } => 5,
            Msg::Check { .. } => 6,
            Msg::Checked { .. } => 7,
            Msg::Login { .. } => 8,
            Msg::Issued { .. } => 9,
        }
    }

    /// Requests and their answers are about as large as small calls over HTTP; an error is little more than its header.
    fn bytes(&self) -> u64 {
        match self {
            Msg::Ask(_) | Msg::Past(_) | Msg::Call { .. } => 400,
            Msg::Told { end, .. } if matches!(**end, End::Well(Ret::Home { .. })) => 3000,
            Msg::Told { end, .. } if matches!(**end, End::Well(_)) => 1000,
            Msg::Did { answer: Answer::Done { .. }, .. } | Msg::Found { ok: true, .. } => 1000,
            _ => 150,
        }
    }
}

impl Labelled for Msg {
    const KINDS: &'static [MessageDoc] = &[
        MessageDoc::new(Sign::Request, "request", "a user asks the gateway, or a service past it"),
        MessageDoc::new(Sign::Reply, "answer", "how the request ended"),
        MessageDoc::new(Sign::Request, "call", "the gateway calls a service for a part of the page"),
        MessageDoc::new(Sign::Reply, "answer of a service", "that part, or an error"),
        MessageDoc::new(Sign::Data, "question to the database", "a service asks its database"),
        MessageDoc::new(Sign::Reply, "answer of the database", "the database answers a service"),
        MessageDoc::new(Sign::Vote, "check of a token", "the gateway asks whether a token is good"),
        MessageDoc::new(Sign::Vote, "verdict on a token", "whether it is"),
        MessageDoc::new(Sign::Vote, "login", "a user asks for a token"),
        MessageDoc::new(Sign::Vote, "token", "the user gets one"),
    ];

    fn label(&self) -> String {
        match self {
            Msg::Ask(ticket) | Msg::Past(ticket) if ticket.token.is_none() => format!("{}, no token", ticket.what),
            Msg::Ask(ticket) | Msg::Past(ticket) => ticket.what.to_string(),
            Msg::Told { end, .. } => match &**end {
                End::Well(ret) => ret.to_string(),
                End::Badly { bad, .. } => bad.says(),
            },
            Msg::Call { work, .. } => match &**work {
                Work::Read => "read".to_string(),
                Work::Pay { payment, .. } => format!("pay {payment}"),
            },
            Msg::Did { answer, .. } => match answer {
                Answer::Done { before: false } => "ok",
                Answer::Done { before: true } => "done before",
                Answer::Missing => "404",
                Answer::Error => "500",
                Answer::Full => "503",
            }
            .to_string(),
            Msg::Query { .. } => "query".to_string(),
            Msg::Found { ok, .. } | Msg::Checked { good: ok, .. } => if *ok { "ok" } else { "no" }.to_string(),
            Msg::Check { token, .. } => format!("token of {}", token.owner),
            Msg::Login { .. } => "login".to_string(),
            Msg::Issued { .. } => "token".to_string(),
        }
    }
}
