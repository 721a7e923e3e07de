//! What client and server can be told.

use std::sync::Arc;

use crate::algo::graphql::{Null, Plan, Query, Type};
use crate::cluster::kit::settings::shared::{Disk, Handling, WireLatency, WireZoneLatency};
use crate::cluster::kit::settings::{AtStart, Count, Length, OrNone, Switch, Takes, Timer, Times, settings, words};
use crate::cluster::live::Captioned;
use crate::sim::time::Span;

use super::frame::{From, Windows};

words! {
    /// What the run is about.
    pub enum Does {
        /// Telling clients something without being asked.
        Chat = "chat",
        /// Asking for a page and its parts.
        Page = "page",
        /// Calls between services.
        Calls = "calls",
    }
}
words! {
    /// How a client hears of news.
    pub enum Style {
        /// It asks by the clock.
        Polling = "polling",
        /// It asks, and the server answers when there are some.
        LongPolling = "long-polling",
        /// One answer that does not end.
        Sse = "sse",
        /// A line for both ways.
        WebSocket = "websocket",
    }
}
words! {
    /// What a client names when it asks again.
    pub enum Resume {
        /// Nothing.
        None = "none",
        /// It wants the last ten.
        LastTen = "last-10",
        /// What came after the last that it received.
        Received = "received",
        /// What came after the last that it has shown.
        Shown = "shown",
    }
}
words! {
    /// Where the server keeps messages.
    pub enum Kept {
        /// In memory.
        Memory = "memory",
        /// On the disk, synced before anybody is told.
        Disk = "disk",
    }
}
words! {
    /// The version of HTTP.
    pub enum Http {
        /// HTTP/1.1.
        One = "1",
        /// HTTP/2.
        Two = "2",
    }
}
words! {
    /// How a page is asked for.
    pub enum Api {
        /// Resource by resource.
        Rest = "rest",
        /// By one query.
        GraphQl = "graphql",
    }
}
words! {
    /// How a server reads the parts of a query.
    pub enum Loader {
        /// Each field of each object by itself.
        Off = "off",
        /// In batches, and nothing twice in one request.
        Request = "request",
        /// In batches, and what one request read stays for the next.
        Shared = "shared",
    }
}
words! {
    /// When a receiver gives a window back.
    pub enum Credit {
        /// When what came was read.
        OnReading = "read",
        /// When it came.
        OnArrival = "arrival",
        /// When it was read; what comes on streams that were given up is forgotten.
        ForgetsCancelled = "forgets-cancelled",
    }
}
words! {
    /// What a client does with what is under way when the server goes away.
    pub enum GoAway {
        /// What the server began with ends there, the rest may go elsewhere.
        ByLast = "by-last",
        /// All of it fails.
        FailsAll = "fails-all",
    }
}
words! {
    /// What the next server is told of a deadline.
    pub enum PassOn {
        /// Nothing.
        Off = "off",
        /// How much time is left.
        Remaining = "remaining",
        /// As much time as at the start.
        Anew = "anew",
        /// The time of day at which it ends.
        Absolute = "absolute",
    }
}
words! {
    /// By what an effect is known again.
    pub enum Idempotency {
        /// By nothing.
        None = "none",
        /// By a key that is in memory.
        Memory = "memory",
        /// By a key that is written with the effect.
        Disk = "disk",
    }
}

/// A query that fits the schema.
#[derive(Clone, Debug, PartialEq)]
pub struct Page {
    /// Its text.
    pub text: Arc<str>,
    /// What it reads.
    pub plan: Arc<Plan>,
}

impl Takes for Page {
    type Value = Page;
    const TAKES: &'static str = "a GraphQL query, such as { orders(first: 3) { total customer { name } } }";

    fn read(text: &str) -> Result<Page, String> {
        let query = Query::read(text).map_err(|bad| bad.to_string())?;
        let plan = Plan::of(&query).map_err(|bad| bad.message)?;
        if plan.cost() > Page::MOST {
            return Err(format!("it would read {} objects; {} are the most here", plan.cost(), Page::MOST));
        }
        Ok(Page { text: query.to_string().into(), plan: Arc::new(plan) })
    }

    fn write(value: &Page) -> String {
        value.text.to_string()
    }
}

impl Page {
    /// The most objects of a page: more would only take long.
    const MOST: u64 = 200_000;
}

/// The name of a field.
pub enum FieldName {}

impl Takes for FieldName {
    type Value = Arc<str>;
    const TAKES: &'static str = "the name of a field, such as reviews";

    fn read(text: &str) -> Result<Arc<str>, String> {
        let is_known = Type::ALL.iter().any(|of| of.field(text).is_some());
        if is_known { Ok(text.into()) } else { Err(String::new()) }
    }

    fn write(value: &Arc<str>) -> String {
        value.to_string()
    }
}

settings! {
    /// The settings of the `exchange` cluster. The defaults: a chat by WebSocket.
    pub struct Settings {
        does: AtStart<Does> = "chat", "What the run is about: telling clients news, asking for a page and its parts, or calls between services.";
        style: Style = "websocket", "How a client hears of news: it asks by the clock, it asks and the server answers when there are some, one answer that does not end, or a line for both ways.";
        resume: Resume = "none", "What a client names when it asks again or comes back: nothing, that it wants the last ten, the last that it received, or the last that it has shown.";
        dedup: Switch = "off", "Whether a client drops what it has, and the server knows a message that is sent again.";
        acks: Switch = "off", "Whether the server says on a WebSocket that it has stored a message; what it did not say so of is sent again on the next line.";
        poll_every: Timer = "5s", "How often a client asks by the clock.";
        hold: Timer = "30s", "How long a server holds a question of long polling.";
        ping: OrNone<Timer> = "none", "How often a client asks on a WebSocket whether the line lives; of a stream of events, how often the server says so.";
        pong_timeout: Timer = "2s", "How long it waits for a sign of life after that.";
        reconnect: Timer = "1s", "How long a client waits before it opens a line again; twice as long each time it fails.";
        reconnect_most: Timer = "30s", "At most so long.";
        jitter: Switch = "off", "Whether it waits a random part of that.";
        history: OrNone<Count<1, 100_000>> = "none", "How many of the newest messages the server keeps; `none`: all.";
        kept: Kept = "disk", "Where the server keeps messages: in memory, or on the disk and synced before anybody is told.";
        show: Length = "0s", "How long a client takes to show a message; one after the other.";
        message: Count<1, 100_000> = "50", "The bytes of a message.";
        api: Api = "rest", "How a page is asked for: resource by resource, or by one query.";
        query: Page = "{ customer { name orders(first: 3) { total book { title } } } }", "What the page needs, as a query.";
        loader: Loader = "off", "How the server reads the parts of a query: each by itself, in batches within one request, or in batches whose results stay for later requests.";
        db_connections: Count<1, 100> = "1", "How many questions the server asks the database at once.";
        db_latency: Times = "const(500us)", "How long a question to the database is on its way, and its answer.";
        db_work: Times = "const(0s)", "How long the database works on a question.";
        depth_limit: OrNone<Count<1, 30>> = "none", "The deepest query that the server takes.";
        cost_limit: OrNone<Count<1, 200_000>> = "none", "The most objects that a query may ask for, list sizes multiplied.";
        failing: OrNone<FieldName> = "none", "A field that cannot be read now. Where a page is asked for resource by resource, one that leads to objects: a plain value comes with its object.";
        non_null: Switch = "off", "Whether that field may not be null: then its object is null.";
        http_cache: Switch = "off", "Whether a client keeps answers to GET requests.";
        max_age: Timer = "1min", "How long it keeps them.";
        persisted: Switch = "off", "Whether a query is asked for by GET, with its number instead of its text.";
        http: Http = "1", "The version of HTTP: one request at a time on each connection, or many on one.";
        connections: Count<1, 100> = "6", "The most connections of HTTP/1.1 from one client to one server.";
        stream_limit: Count<1, 1_000> = "100", "The most requests at once on a connection of HTTP/2.";
        stream_window: Count<1, 16_777_216> = "65535", "The bytes of a body that may be under way on one stream of HTTP/2. A change holds for every stream as soon as the other side has heard of it.";
        connection_window: Count<65_535, 16_777_216> = "65535", "The same on the whole connection. On those that are open it can only be made wider.";
        credit: Credit = "read", "When a receiver gives a window back: when it has read what came, when it came, or not for streams that were given up.";
        goaway: GoAway = "by-last", "What a client does when the server goes away: what the server began with ends there, or all fails.";
        work: Times = "const(20ms)", "How long the first server works on a `get`.";
        gateway_work: Times = "const(5ms)", "How long `gateway` works on a `buy` before it asks `orders`.";
        orders_work: Times = "const(5ms)", "How long `orders` works on it before it asks `stock`.";
        stock_work: Times = "const(50ms)", "How long `stock` works on it.";
        deadline: OrNone<Timer> = "none", "How long a call may take; `none`: for ever.";
        pass_on: PassOn = "remaining", "What the next server is told of a deadline: nothing, how much time is left, as much as at the start, or a time of day.";
        checks: Switch = "on", "Whether a server looks if it is still wanted, and stops if not.";
        tries: Count<1, 5> = "1", "How often a call is tried, the first time included. One that the answer has begun of is not tried again.";
        retry_after: Timer = "50ms", "How long after a failure it is tried again.";
        idempotency: Idempotency = "none", "By what `stock` knows a charge that it has made: by nothing, by a key in memory, or by a key on the disk.";
        message_every: Length = "1ms", "How long the writer of a stream takes from message to message.";
        latency: WireLatency = "const(20ms)";
        zone_latency: WireZoneLatency = "const(80ms)";
        service_latency: Times = "const(5ms)", "How long a message takes between servers, one way.";
        rto: Timer = "200ms", "How long TCP waits for an acknowledgement before it sends a segment again, at first and at least; twice as long each time, and longer where round trips are measured to take longer (RFC 6298).";
        give_up: Timer = "15min", "How long TCP tries before it gives a connection up.";
        connect_timeout: Timer = "3s", "How long a client tries to open a connection.";
        preconnect: Switch = "on", "Whether clients open their connections of HTTP at the start, before anybody asks.";
        tls: Switch = "off", "Whether connections are encrypted: one trip more at the start.";
        request_headers: Count<0, 10_000> = "400", "The bytes of the head of a request as text.";
        response_headers: Count<0, 10_000> = "200", "The bytes of the head of an answer as text.";
        request_timeout: Timer = "10s", "How long a client waits for what it asked, where a call has no deadline.";
        handling: Handling = "0s";
        disk: Disk = "const(1ms)";
    }
}

impl Settings {
    /// How many servers the run has.
    pub fn servers(&self) -> u16 {
        match self.does {
            Does::Chat => 1,
            Does::Page => 2,
            Does::Calls => 3,
        }
    }

    /// What a receiver of HTTP/2 lets the other side send.
    pub fn windows(&self) -> Windows {
        Windows { stream: self.stream_window, connection: self.connection_window }
    }

    /// What cannot be read now.
    pub fn null(&self) -> Null<'_> {
        Null { field: self.failing.as_deref(), climbs: self.non_null }
    }

    /// From where a client wants to hear that has received and shown so far.
    pub fn from(&self, received: u64, shown: u64) -> From {
        match self.resume {
            Resume::None => From::Now,
            Resume::LastTen => From::Last(10),
            Resume::Received => From::After(received),
            Resume::Shown => From::After(shown),
        }
    }

    /// The longest that a line is silent that lives; `None`: nobody looks.
    pub fn silence(&self) -> Option<Span> {
        self.ping.map(|ping| ping + self.pong_timeout)
    }

    fn chat(&self) -> String {
        let style = match self.style {
            Style::Polling => format!("polling every {}", self.poll_every),
            Style::LongPolling => "long polling".to_string(),
            Style::Sse => "server-sent events".to_string(),
            Style::WebSocket => "WebSocket".to_string(),
        };
        let resume = match self.resume {
            Resume::None => "nothing is resumed",
            Resume::LastTen => "the last ten again",
            Resume::Received => "resumes after the last received",
            Resume::Shown => "resumes after the last shown",
        };
        format!("{style} · {resume}")
    }
}

impl Captioned for Settings {
    fn caption(&self) -> String {
        let http = match self.http {
            Http::One => format!("HTTP/1.1, {} connection{}", self.connections, if self.connections == 1 { "" } else { "s" }),
            Http::Two => "HTTP/2".to_string(),
        };
        match self.does {
            Does::Chat => self.chat(),
            Does::Page if self.api == Api::Rest => format!("a page resource by resource · {http}"),
            Does::Page => {
                let loader = match self.loader {
                    Loader::Off => "each field reads by itself",
                    Loader::Request => "batches in each request",
                    Loader::Shared => "batches that all requests share",
                };
                format!("a page by one query · {loader}")
            }
            Does::Calls => {
                let deadline = self.deadline.map_or("no deadline".to_string(), |deadline| format!("deadline {deadline}"));
                format!("{http} · {deadline}")
            }
        }
    }
}
