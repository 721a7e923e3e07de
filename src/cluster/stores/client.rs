//! The application: runs the script of an ask in one shop or both, statement by statement, and commits.

use std::sync::Arc;

use crate::cluster::kit::tries::Tries;
use crate::persistent::{OrdMap, OrdSet};
use crate::sim::history::Cause;
use crate::sim::id::{NodeId, RequestId};
use crate::sim::protocol::Reply;
use crate::sim::time::Span;

use super::message::{Failed, Msg, Op, Ret, Tx};
use super::note::Note;
use super::script::{Next, Plan};
use super::settings::{Again, Commit, Settings};
use super::shop::Shop;
use super::statement::{Statement, Told};
use super::{Context, server};

/// Its process.
#[derive(Clone, Debug)]
pub struct Client {
    /// The number of the next try.
    next: u32,
    /// Tries under way, by their numbers.
    runs: OrdMap<u32, Run>,
    /// Who waits for an answer, or for its own next step: the number of a try.
    waits: Tries<u32>,
    /// What each ask waits for.
    asks: OrdMap<RequestId, Asking>,
}

/// A try of an ask in one shop.
#[derive(Clone, Debug)]
pub struct Run {
    request: RequestId,
    /// What is to be done.
    pub plan: Plan,
    /// Whether all is one transaction.
    transaction: bool,
    /// The answers so far.
    told: Vec<Told>,
    /// The servers that know of the transaction, in the order in which they were asked.
    touched: Vec<NodeId>,
    /// What it does.
    doing: Doing,
    /// Which try this is, from 1.
    try_number: u32,
    /// Whether an earlier try may have taken effect.
    may_be_done: bool,
}

/// What a try does.
#[derive(Clone, Debug, PartialEq)]
enum Doing {
    /// It thinks, and goes on after that.
    Thinks,
    /// It waits for the answer to a statement; whether that can change something by itself.
    Runs(bool),
    /// It waits for the commit at these servers, the first of which is asked; the answer if all goes well.
    Commits(Vec<NodeId>, String),
    /// It waits before it tries again.
    Rests,
}

/// How a try ended.
#[derive(Clone, Debug, PartialEq)]
enum End {
    Ok(String),
    Refused(String),
    /// Nothing of it is left, and it may be tried again.
    Aborted(Failed),
    /// Nobody answered, and nothing can have been committed.
    Nothing,
    /// Nobody answered.
    Unknown(&'static str),
}

#[derive(Clone, Debug)]
struct Asking {
    left: usize,
    ended: OrdMap<Shop, (bool, bool, String)>,
}

impl Client {
    /// Boots. Numbers of an earlier life are not used again: what it began may still be open at a server.
    pub fn boot(cx: &mut Context<'_>) -> Client {
        let next = if cx.is_first_boot() { 1 } else { (cx.rng().bits() >> 1) as u32 };
        Client { next, runs: OrdMap::new(), waits: Tries::default(), asks: OrdMap::new() }
    }

    /// The tries under way.
    pub fn runs(&self) -> impl Iterator<Item = &Run> {
        self.runs.values()
    }

    pub(super) fn on_request(&mut self, request: RequestId, op: &Op, cx: &mut Context<'_>) {
        let settings = Arc::new(cx.settings().clone());
        let shops: Vec<Shop> = Shop::ALL.into_iter().filter(|shop| settings.asks(*shop)).collect();
        self.asks.insert(request, Asking { left: shops.len(), ended: OrdMap::new() });
        for shop in shops {
            let key = (settings.request_key && op.changes()).then(|| request.0.to_string().into());
            let plan = Plan { op: op.clone(), shop, settings: settings.clone(), key };
            let run = Run {
                request,
                transaction: settings.has_transactions(shop),
                plan,
                told: Vec::new(),
                touched: Vec::new(),
                doing: Doing::Thinks,
                try_number: 1,
                may_be_done: false,
            };
            self.begin(run, cx);
        }
    }

    fn begin(&mut self, run: Run, cx: &mut Context<'_>) {
        let number = self.next;
        self.next = self.next.wrapping_add(1);
        let (op, shop) = (run.plan.op.clone(), run.plan.shop);
        cx.note(Note::Began { unit: unit(number, cx), request: run.request, op, shop, transaction: run.transaction });
        self.runs.insert(number, run);
        self.go_on(number, cx);
    }

    /// The next step of a try.
    fn go_on(&mut self, number: u32, cx: &mut Context<'_>) {
        let Some(run) = self.runs.get(&number) else { return };
        match run.plan.next(&run.told) {
            Next::Run(shard, statement) => self.send(number, shard, statement, cx),
            Next::Finish(answer) if run.transaction && !run.touched.is_empty() => {
                let all = run.touched.clone();
                self.commit(number, all, answer, cx);
            }
            Next::Finish(answer) => self.end(number, &End::Ok(answer), cx),
            Next::Refuse(why) => {
                self.roll_back(number, cx);
                self.end(number, &End::Refused(why), cx);
            }
        }
    }

    fn send(&mut self, number: u32, shard: usize, statement: Statement, cx: &mut Context<'_>) {
        let Some(run) = self.runs.get_mut(&number) else { return };
        let to = server(run.plan.shop, shard, &run.plan.settings);
        let step = run.told.len() as u32 + 1;
        let tx = Tx { statement: if run.transaction { 0 } else { step }, ..unit(number, cx) };
        let begins = !run.transaction || !run.touched.contains(&to);
        if !run.touched.contains(&to) {
            run.touched.push(to);
        }
        run.doing = Doing::Runs(!run.transaction && statement.changes());
        let last = run.plan.is_last(&run.told, &statement);
        let (request, alone, statement) = (run.request, !run.transaction, Arc::new(statement));
        cx.note(Note::Sends { unit: tx.unit(), server: to, statement: statement.clone(), last });
        cx.ask(request, to, Msg::Run { tx, begins, alone, statement });
        self.wait(number, cx.settings().statement_timeout, cx);
    }

    /// One thing at a time is waited for.
    fn wait(&mut self, number: u32, span: Span, cx: &mut Context<'_>) {
        self.waits.drop_if(|waiting| *waiting == number);
        self.waits.begin(number, span, cx);
    }

    fn commit(&mut self, number: u32, servers: Vec<NodeId>, answer: String, cx: &mut Context<'_>) {
        let Some(run) = self.runs.get_mut(&number) else { return };
        let Some(first) = servers.first().copied() else { return self.end(number, &End::Ok(answer), cx) };
        let others: Arc<[NodeId]> = match run.plan.settings.commit {
            Commit::TwoPhase => servers[1..].into(),
            Commit::OneByOne => Arc::from([]),
        };
        run.doing = Doing::Commits(servers, answer);
        let tx = unit(number, cx);
        cx.note(Note::Frames { unit: tx, commit: true });
        let request = run.request;
        cx.ask(request, first, Msg::Commit { tx, others });
        self.wait(number, cx.settings().statement_timeout, cx);
    }

    fn roll_back(&mut self, number: u32, cx: &mut Context<'_>) {
        let Some(run) = self.runs.get(&number).filter(|run| run.transaction && !run.touched.is_empty()) else { return };
        let tx = unit(number, cx);
        cx.note(Note::Frames { unit: tx, commit: false });
        for server in &run.touched {
            cx.send(*server, Msg::Rollback { tx });
        }
    }

    pub(super) fn on_ran(&mut self, tx: Tx, told: Result<Told, Failed>, cx: &mut Context<'_>) {
        let number = tx.number;
        let Some(run) = self.runs.get_mut(&number).filter(|run| matches!(run.doing, Doing::Runs(_))) else { return };
        if tx.statement != 0 && tx.statement != run.told.len() as u32 + 1 {
            return;
        }
        match told {
            Ok(told) => {
                let (rows, looked, changed) = (told.rows.len() as u32, told.looked, told.changed);
                cx.note(Note::Heard { unit: tx.unit(), rows, looked, changed });
                run.told.push(told);
                run.doing = Doing::Thinks;
                let is_over = !run.transaction && !matches!(run.plan.next(&run.told), Next::Run(..));
                let think = cx.settings().think.clone().sample(&mut cx.rng());
                if is_over || think == Span::ZERO { self.go_on(number, cx) } else { self.wait(number, think, cx) }
            }
            Err(failed) => {
                let end = if run.has_changed() { End::Unknown("failed, and a part is done") } else { End::Aborted(failed) };
                self.roll_back(number, cx);
                self.end(number, &end, cx);
            }
        }
    }

    pub(super) fn on_committed(&mut self, tx: Tx, done: Result<(), Failed>, cx: &mut Context<'_>) {
        let Some(run) = self.runs.get(&tx.number) else { return };
        let Doing::Commits(servers, answer) = run.doing.clone() else { return };
        match done {
            Err(failed) => {
                let is_part = servers.len() < run.touched.len();
                let end = if is_part { End::Unknown("only a part is committed") } else { End::Aborted(failed) };
                self.roll_back(tx.number, cx);
                self.end(tx.number, &end, cx);
            }
            Ok(()) if run.plan.settings.commit == Commit::OneByOne => self.commit(tx.number, servers[1..].to_vec(), answer, cx),
            Ok(()) => self.end(tx.number, &End::Ok(answer), cx),
        }
    }

    /// Nobody answered in time, or it is time for the next step.
    pub(super) fn on_due(&mut self, cx: &mut Context<'_>) {
        for number in self.waits.overdue(cx) {
            let Some(run) = self.runs.get(&number) else { continue };
            match run.doing.clone() {
                Doing::Thinks => self.go_on(number, cx),
                Doing::Rests => self.again(number, cx),
                Doing::Runs(true) => {
                    let what = if run.has_changed() { "no answer, and a part is done" } else { "no answer" };
                    self.end(number, &End::Unknown(what), cx);
                }
                Doing::Runs(false) => {
                    let end = if run.has_changed() { End::Unknown("no answer, and a part is done") } else { End::Nothing };
                    self.roll_back(number, cx);
                    self.end(number, &end, cx);
                }
                Doing::Commits(..) => self.end(number, &End::Unknown("no answer to COMMIT"), cx),
            }
        }
    }

    fn end(&mut self, number: u32, end: &End, cx: &mut Context<'_>) {
        let Some(run) = self.runs.get_mut(&number) else { return };
        cx.note(Note::Ended { unit: unit(number, cx), end: end.text().into(), good: matches!(end, End::Ok(_)) });
        run.may_be_done |= matches!(end, End::Unknown(_));
        let tries_again = match end {
            End::Ok(_) | End::Refused(_) => false,
            End::Aborted(_) => cx.settings().retry != Again::Never,
            End::Nothing | End::Unknown(_) => cx.settings().retry == Again::Always,
        };
        if tries_again && run.try_number < cx.settings().tries {
            run.doing = Doing::Rests;
            let wait = cx.settings().retry_wait;
            return self.wait(number, wait, cx);
        }
        self.waits.drop_if(|waiting| *waiting == number);
        if let Some(run) = self.runs.remove(&number) {
            self.settle(&run, end, cx);
        }
    }

    /// The whole ask once more, under another number.
    fn again(&mut self, number: u32, cx: &mut Context<'_>) {
        let Some(run) = self.runs.remove(&number) else { return };
        cx.note(Note::Again { unit: unit(number, cx) });
        let (told, touched) = (Vec::new(), Vec::new());
        self.begin(Run { told, touched, doing: Doing::Thinks, try_number: run.try_number + 1, ..run }, cx);
    }

    /// One shop has ended: the user is told when all have.
    fn settle(&mut self, run: &Run, end: &End, cx: &mut Context<'_>) {
        let Some(asking) = self.asks.get_mut(&run.request) else { return };
        let is_ok = matches!(end, End::Ok(_));
        let is_unknown = matches!(end, End::Unknown(_)) || (run.may_be_done && !is_ok);
        asking.ended.insert(run.plan.shop, (is_ok, is_unknown, end.text()));
        asking.left = asking.left.saturating_sub(1);
        if asking.left == 0
            && let Some(asking) = self.asks.remove(&run.request)
        {
            cx.reply(run.request, asking.reply());
        }
    }

    /// The user does not wait any longer.
    pub(super) fn on_give_up(&mut self, request: RequestId, cx: &mut Context<'_>) {
        self.asks.remove(&request);
        let numbers: OrdSet<u32> = self.runs.iter().filter(|(_, run)| run.request == request).map(|(number, _)| *number).collect();
        for number in &numbers {
            // A COMMIT that was sent cannot be taken back.
            if self.runs.get(number).is_some_and(|run| !matches!(run.doing, Doing::Commits(..))) {
                self.roll_back(*number, cx);
            }
            self.runs.remove(number);
        }
        self.waits.drop_if(|waiting| numbers.contains(waiting));
    }
}

impl Run {
    /// Whether statements that were committed by themselves have changed something.
    pub fn has_changed(&self) -> bool {
        !self.transaction && self.told.iter().any(|told| told.changed > 0)
    }
}

impl End {
    fn text(&self) -> String {
        match self {
            End::Ok(text) | End::Refused(text) => text.clone(),
            End::Aborted(failed) => failed.why().to_string(),
            End::Nothing => "no answer: nothing was committed".to_string(),
            End::Unknown(what) => (*what).to_string(),
        }
    }
}

impl Asking {
    /// Where it was carried out, first, and why not in the other.
    fn half(&self) -> String {
        let (done, not): (Vec<_>, Vec<_>) = self.ended.iter().partition(|(_, (ok, ..))| *ok);
        let done = done.iter().map(|(shop, (_, _, text))| format!("only {}: {text}", shop.name()));
        let not = not.iter().map(|(shop, (_, _, text))| format!("{}: {text}", shop.name()));
        done.chain(not).collect::<Vec<_>>().join(" · ")
    }

    fn reply(&self) -> Reply<Ret> {
        let texts: Vec<&String> = self.ended.values().map(|(_, _, text)| text).collect();
        let same = texts.windows(2).all(|pair| pair[0] == pair[1]);
        let both: Vec<String> = self.ended.iter().map(|(shop, (_, _, text))| format!("{}: {text}", shop.name())).collect();
        let text = if same { texts.first().map(ToString::to_string).unwrap_or_default() } else { both.join(" · ") };
        if self.ended.values().any(|(_, unknown, _)| *unknown) {
            return Reply::Unknown(Cause::from(text));
        }
        match self.ended.values().filter(|(ok, ..)| *ok).count() {
            0 => Reply::Refused(Cause::from(text)),
            ok if ok == self.ended.len() => Reply::Ok(Ret(text.into())),
            // Neither done nor refused: one shop has carried it out, and the other has not.
            _ => Reply::Unknown(Cause::from(self.half())),
        }
    }
}

fn unit(number: u32, cx: &Context<'_>) -> Tx {
    Tx { client: cx.id(), number, statement: 0 }
}

/// How long the user of an ask waits.
pub(super) fn patience(settings: &Settings) -> Span {
    settings.request_timeout
}
