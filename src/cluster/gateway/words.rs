//! The words of settings, and the services and paths.

use crate::cluster::kit::settings::{Takes, words};
use crate::sim::id::NodeId;

words! {
    /// A service behind the gateway.
    #[derive(PartialOrd, Ord)]
    pub enum Service {
        /// Who the user is.
        Profile = "profile",
        /// What there is to buy.
        Catalogue = "catalogue",
        /// What was bought.
        Orders = "orders",
        /// What was paid.
        Payments = "payments",
    }
}
words! {
    /// What a user can ask the gateway for.
    pub enum Path {
        /// `GET /home`: gathered from several services.
        Home = "home",
        /// `GET /orders/7`.
        Orders = "orders",
        /// `POST /pay`.
        Pay = "pay",
    }
}
words! {
    /// How an answer is gathered.
    pub enum Aggregation {
        /// All services at the same time.
        Parallel = "parallel",
        /// One after the other.
        Serial = "serial",
    }
}
words! {
    /// What is done without a part.
    pub enum Fallback {
        /// The whole fails.
        None = "none",
        /// It is left out.
        Partial = "partial",
        /// The last good one is taken.
        Stale = "stale",
        /// The same service is asked once more.
        Call = "call",
    }
}
words! {
    /// How a token is checked.
    pub enum Auth {
        /// It is not.
        None = "none",
        /// By its signature and the time on it.
        Signature = "signature",
        /// By asking who made it (RFC 7662).
        Introspection = "introspection",
    }
}
words! {
    /// What services go by.
    pub enum Trust {
        /// Whoever can reach them may ask.
        Network = "network",
        /// Whoever has a token.
        Token = "token",
    }
}
words! {
    /// What the end of a timeout sets free.
    pub enum Frees {
        /// The worker and the user.
        Worker = "worker",
        /// The user.
        User = "user",
    }
}
words! {
    /// What is tried again.
    pub enum RetryWhat {
        /// What failed.
        Part = "part",
        /// Everything.
        Whole = "whole",
    }
}
words! {
    /// Which calls of `pay` are tried again.
    pub enum PayRetries {
        /// Those that were surely not carried out.
        Safe = "safe",
        /// All.
        Always = "always",
    }
}
words! {
    /// Which retries a budget counts.
    pub enum BudgetCounts {
        /// Those that wait too.
        Waiting = "waiting",
        /// Those under way.
        Active = "active",
    }
}
words! {
    /// What a breaker counts as failed.
    pub enum TrippedBy {
        /// What services do wrong.
        Failures = "failures",
        /// What users do wrong too.
        Errors = "errors",
    }
}
words! {
    /// How a payment is known again.
    pub enum Idempotency {
        /// It is not.
        Off = "off",
        /// By a key that is stored in one transaction with it.
        Transaction = "transaction",
        /// By a key in memory.
        Memory = "memory",
        /// By a key that is looked up when the work begins.
        CheckFirst = "check-first",
    }
}
words! {
    /// What a payment has a key for.
    pub enum PayKey {
        /// Itself.
        Payment = "payment",
        /// Each try.
        Attempt = "attempt",
    }
}

impl Service {
    /// Every service, in the order of the nodes.
    pub const ALL: [Service; 4] = [Service::Profile, Service::Catalogue, Service::Orders, Service::Payments];

    /// Its node: they come after the first gateway.
    pub const fn node(self) -> NodeId {
        NodeId::server(1 + self as u16)
    }

    /// The service at this node.
    pub fn at(id: NodeId) -> Option<Service> {
        Service::ALL.into_iter().find(|service| service.node() == id)
    }

    /// What it is called.
    pub fn name(self) -> &'static str {
        Service::WORDS[self as usize]
    }

    /// The letter that stands for it in a worker slot: no two begin alike but `profile` and `payments`, and money has a sign.
    pub const fn letter(self) -> char {
        match self {
            Service::Profile => 'p',
            Service::Catalogue => 'c',
            Service::Orders => 'o',
            Service::Payments => '$',
        }
    }
}

impl Path {
    /// Every path.
    pub const ALL: [Path; 3] = [Path::Home, Path::Orders, Path::Pay];

    /// What it is called.
    pub fn name(self) -> &'static str {
        Path::WORDS[self as usize]
    }
}
