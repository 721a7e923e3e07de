//! The server of pages: reads what a query or a resource needs from the database, and answers.

use std::collections::VecDeque;

use crate::algo::graphql::{Fetch, Mode, Run, Type};
use crate::cluster::kit::tries::Tries;
use crate::persistent::OrdMap;
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
}

/// A request that is worked on.
#[derive(Clone, Debug)]
pub struct Job {
    to: To,
    what: What,
    /// Questions to the database, by the place of the query that they are for.
    asked: OrdMap<usize, u64>,
    rows: u64,
    /// The oldest version of the name that can be changed, where it was read.
    name: Option<u32>,
}

#[derive(Clone, Debug)]
enum What {
    Query(Box<Run>),
    /// A resource of so many bytes; whether the name that can be changed is in it.
    Resource(u64, bool),
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
        let asked = Tries::anew(cx);
        Kitchen { jobs: OrdMap::new(), next: 0, waiting: VecDeque::new(), asked, shared: OrdMap::new() }
    }

    pub(super) fn on_asked(&mut self, to: To, want: Want, tools: &mut Tools<'_>, cx: &mut Context<'_>) {
        match want {
            Want::Query(page, _) => self.on_query(to, &page, tools, cx),
            Want::Resource(plan, node, key) => {
                let field = plan.nodes[node].field;
                if field.is_some_and(|field| cx.settings().null().field == Some(field.name)) {
                    return tools.desk.answer(to, Told::Not(Code::Broken), 0, tools.pipes, cx);
                }
                let rows = u64::from(plan.nodes[node].first);
                let has_name = (plan.nodes[node].to, key) == RENAMED && !field.is_some_and(|field| field.many);
                self.begin(to, What::Resource(plan.resource(node), has_name), Some(rows), tools, cx);
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
        self.jobs.insert(job, Job { to, what, asked: OrdMap::new(), rows: 0, name: None });
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
                *job.asked.entry(question.fetch.as_ref().map_or(0, |fetch| fetch.node)).or_default() += 1;
                job.rows += question.rows;
                if !matches!(job.what, What::Rename) {
                    cx.note(Note::Asks);
                }
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
        let version = cx.disk().renames;
        match (&mut job.what, fetch) {
            (What::Query(run), Some(fetch)) => {
                let to = run.plan().nodes[fetch.node].to;
                if fetch.by_id && cx.settings().loader == Loader::Shared {
                    self.shared.extend(fetch.keys.iter().map(|id| ((to, *id), version)));
                }
                if fetch.by_id && fetch.keys.iter().any(|id| (to, *id) == RENAMED) {
                    job.name = job.name.into_iter().chain([version]).min();
                }
                run.done(&fetch);
            }
            (What::Rename, _) => self.rename(number, tools, cx),
            (What::Resource(_, has_name), _) => {
                job.name = has_name.then_some(version);
                self.answer(number, tools, cx);
            }
            _ => self.answer(number, tools, cx),
        }
        self.go_on(number, tools, cx);
    }

    /// The customer has another name from now on, unless there is no room to write it.
    fn rename(&mut self, number: u32, tools: &mut Tools<'_>, cx: &mut Context<'_>) {
        if cx.write(|disk| disk.renames += 1).is_ok() {
            cx.sync();
            cx.note(Note::Renamed);
            return self.answer(number, tools, cx);
        }
        if let Some(job) = self.jobs.remove(&number) {
            tools.desk.answer(job.to, Told::Not(Code::Broken), 0, tools.pipes, cx);
        }
    }

    fn answer(&mut self, number: u32, tools: &mut Tools<'_>, cx: &mut Context<'_>) {
        let Some(job) = self.jobs.remove(&number) else { return };
        let (told, body) = match &job.what {
            What::Resource(bytes, _) => (Told::Resource(job.name), *bytes),
            What::Rename => (Told::Done, 0),
            What::Query(run) => {
                let (bytes, errors) = run.plan().answer(cx.settings().null());
                let kept = run.used().filter(|used| *used == RENAMED).filter_map(|used| self.shared.get(&used).copied());
                let name = job.name.into_iter().chain(kept).min();
                let (depth, cost) = (run.plan().depth(), run.plan().cost());
                let (queries, most) = (job.asked.values().sum(), job.asked.values().copied().max().unwrap_or(0));
                cx.note(Note::Read { queries, most, rows: job.rows, depth, cost });
                (Told::Page { errors, name }, bytes)
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
