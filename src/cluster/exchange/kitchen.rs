//! The server of pages: reads what a query or a resource needs from the database, and answers.

use std::collections::VecDeque;

use imbl::{OrdMap, OrdSet};

use crate::algo::graphql::{Fetch, Mode, Run, Type};
use crate::cluster::kit::tries::Tries;
use crate::sim::time::Span;

use super::desk::To;
use super::frame::{Code, Told, Want};
use super::message::Msg;
use super::note::Note;
use super::room::Tools;
use super::settings::{Loader, Page};
use super::{Context, DB};

/// How long the server waits for the database before it asks again: reading twice does no harm.
const PATIENCE: Span = Span::s(1);
/// The customer whose name can be changed.
const RENAMED: (Type, u32) = (Type::Customer, 1);

/// Its state.
#[derive(Clone, Debug)]
pub struct Kitchen {
    /// What is worked on.
    pub jobs: OrdMap<u32, Job>,
    next: u32,
    /// Questions that wait for a connection to the database.
    waiting: VecDeque<Question>,
    /// Questions that are asked.
    asked: Tries<Question>,
    /// Objects that earlier requests read, each with the version that was read.
    shared: OrdMap<(Type, u32), u32>,
    /// How often the customer got another name.
    version: u32,
}

/// A request that is worked on.
#[derive(Clone, Debug)]
pub struct Job {
    to: To,
    what: What,
    /// Questions to the database.
    pub queries: u64,
    rows: u64,
    /// The places of the query that were asked for.
    places: OrdSet<usize>,
    /// Whether one was asked for again.
    repeats: bool,
}

#[derive(Clone, Debug)]
enum What {
    Query(Box<Run>),
    /// A resource of so many bytes.
    Resource(u64),
    Rename,
}

/// A question to the database.
#[derive(Clone, Debug)]
struct Question {
    job: u32,
    rows: u64,
    fetch: Option<Fetch>,
    /// Whether it was asked before, and the answer did not come.
    again: bool,
}

impl Kitchen {
    pub(super) fn boot(cx: &mut Context<'_>) -> Kitchen {
        // Numbers of an earlier life are not used again: the database may still answer to them.
        let asked = Tries::from_number(cx.rng().bits() as u32);
        Kitchen { jobs: OrdMap::new(), next: 0, waiting: VecDeque::new(), asked, shared: OrdMap::new(), version: 0 }
    }

    pub(super) fn on_asked(&mut self, to: To, want: Want, tools: &mut Tools<'_>, cx: &mut Context<'_>) {
        match want {
            Want::Query(page, _) => self.on_query(to, &page, tools, cx),
            Want::Resource(plan, node, _) => {
                let field = plan.nodes[node].field;
                if field.is_some_and(|field| cx.settings().null().field == Some(field.name)) {
                    return tools.desk.answer(to, Told::Not(Code::Broken), 0, tools.pipes, cx);
                }
                let rows = u64::from(plan.nodes[node].first);
                self.begin(to, What::Resource(plan.resource(node)), Some(rows), tools, cx);
            }
            Want::Rename => self.begin(to, What::Rename, Some(1), tools, cx),
            _ => tools.desk.answer(to, Told::Done, 0, tools.pipes, cx),
        }
    }

    fn on_query(&mut self, to: To, page: &Page, tools: &mut Tools<'_>, cx: &mut Context<'_>) {
        if let Some(why) = too_much(page, cx) {
            cx.note(Note::TooMuch { why: why.clone() });
            let body = why.len() as u64;
            return tools.desk.answer(to, Told::Not(Code::Refused(why)), body, tools.pipes, cx);
        }
        let (mode, known): (Mode, Vec<(Type, u32)>) = match cx.settings().loader {
            Loader::Off => (Mode::Plain, Vec::new()),
            Loader::Request => (Mode::Batched, Vec::new()),
            Loader::Shared => (Mode::Batched, self.shared.keys().copied().collect()),
        };
        let run = Run::new(page.plan.clone(), mode, known);
        self.begin(to, What::Query(Box::new(run)), None, tools, cx);
    }

    fn begin(&mut self, to: To, what: What, rows: Option<u64>, tools: &mut Tools<'_>, cx: &mut Context<'_>) {
        let job = self.next;
        self.next = self.next.wrapping_add(1);
        self.jobs.insert(job, Job { to, what, queries: 0, rows: 0, places: OrdSet::new(), repeats: false });
        self.waiting.extend(rows.map(|rows| Question { job, rows, fetch: None, again: false }));
        self.go_on(job, tools, cx);
    }

    /// What a job needs next waits for the database; one that needs nothing more is answered.
    fn go_on(&mut self, number: u32, tools: &mut Tools<'_>, cx: &mut Context<'_>) {
        let Some(job) = self.jobs.get_mut(&number) else { return self.ask(cx) };
        if let What::Query(run) = &mut job.what {
            while let Some(fetch) = run.take() {
                let name = run.plan().nodes[fetch.node].field.map(|field| field.name);
                if name.is_some() && name == cx.settings().null().field {
                    run.failed();
                } else {
                    self.waiting.push_back(Question { job: number, rows: fetch.rows, fetch: Some(fetch), again: false });
                }
            }
            if run.is_over() {
                self.answer(number, tools, cx);
            }
        }
        self.ask(cx);
    }

    fn ask(&mut self, cx: &mut Context<'_>) {
        while self.asked.len() < cx.settings().db_connections
            && let Some(question) = self.waiting.pop_front()
        {
            if let Some(job) = self.jobs.get_mut(&question.job).filter(|_| !question.again) {
                job.queries += 1;
                job.rows += question.rows;
                let place = question.fetch.as_ref().map(|fetch| fetch.node);
                job.repeats |= place.is_some_and(|place| job.places.insert(place).is_some());
            }
            let rows = question.rows;
            let number = self.asked.begin(question, PATIENCE, cx);
            cx.send(DB, Msg::Read(number, rows));
        }
    }

    /// The database did not answer.
    pub(super) fn on_overdue(&mut self, cx: &mut Context<'_>) {
        for question in self.asked.overdue(cx) {
            self.waiting.push_front(Question { again: true, ..question });
        }
        self.ask(cx);
    }

    pub(super) fn on_rows(&mut self, number: u32, tools: &mut Tools<'_>, cx: &mut Context<'_>) {
        let Some(Question { job: number, fetch, .. }) = self.asked.end(number) else { return };
        let Some(job) = self.jobs.get_mut(&number) else { return self.ask(cx) };
        match (&mut job.what, fetch) {
            (What::Query(run), Some(fetch)) => {
                if fetch.by_id && cx.settings().loader == Loader::Shared {
                    let to = run.plan().nodes[fetch.node].to;
                    self.shared.extend(fetch.keys.iter().map(|id| ((to, *id), self.version)));
                }
                run.done(&fetch);
            }
            (What::Rename, _) => {
                self.version += 1;
                cx.note(Note::Renamed);
                self.answer(number, tools, cx);
            }
            _ => self.answer(number, tools, cx),
        }
        self.go_on(number, tools, cx);
    }

    fn answer(&mut self, number: u32, tools: &mut Tools<'_>, cx: &mut Context<'_>) {
        let Some(job) = self.jobs.remove(&number) else { return };
        let (told, body) = match &job.what {
            What::Resource(bytes) => {
                cx.note(Note::Asked);
                (Told::Done, *bytes)
            }
            What::Rename => (Told::Done, 0),
            What::Query(run) => {
                let (bytes, errors) = run.plan().answer(cx.settings().null());
                let is_stale = |used: &(Type, u32)| *used == RENAMED && self.shared.get(used).is_some_and(|read| *read < self.version);
                let stale = run.used().filter(is_stale).count() as u64;
                let (repeats, depth, cost) = (job.repeats, run.plan().depth(), run.plan().cost());
                cx.note(Note::Read { queries: job.queries, repeats, rows: job.rows, stale, depth, cost });
                (Told::Page { errors }, bytes)
            }
        };
        tools.desk.answer(job.to, told, body, tools.pipes, cx);
    }
}

/// Why a query is not carried out.
fn too_much(page: &Page, cx: &Context<'_>) -> Option<String> {
    let (depth, cost) = (page.plan.depth(), page.plan.cost());
    let deep = cx.settings().depth_limit.filter(|most| depth > *most).map(|most| format!("depth {depth} is over the limit of {most}"));
    let dear =
        || cx.settings().cost_limit.filter(|most| cost > u64::from(*most)).map(|most| format!("cost {cost} is over the limit of {most}"));
    deep.or_else(dear)
}
