//! The run on a thread of its own, for a screen that follows it: orders go in, what was done comes out.

use std::sync::mpsc::{Receiver, Sender, TryRecvError, channel};
use std::thread::{self, JoinHandle};
use std::time::Duration;

use anyhow::{Context as _, anyhow};

use crate::cluster::{Cluster, NoteMark, Scenario, What};
use crate::command::Poke;
use crate::sim::time::Time;
use crate::timeline::{PokeAt, Replay};

use super::args::Args;
use super::drive::Drive;
use super::{faults, guard};

/// What the screen asks for.
#[derive(Clone, Debug, PartialEq)]
pub enum Order {
    /// Do this to the run.
    Poke(Poke),
    /// Let time go on, or stand still.
    Play(bool),
    /// Go faster or slower than the machine's clock.
    Speed(f64),
}

/// What the screen is told.
#[derive(Clone, Debug, PartialEq)]
pub enum News {
    /// This was done.
    Done(PokeAt),
    /// The run has come this far: everything up to there was told.
    Reached(Time),
    /// What was asked for cannot be done: why.
    Refused(String),
    /// Something worth knowing of it.
    Said(String),
    /// The run cannot go on: why.
    Stuck(String),
}

/// A run that is followed.
#[derive(Debug)]
pub struct Link {
    /// What was started.
    pub scenario: Scenario,
    orders: Option<Sender<Order>>,
    news: Receiver<News>,
    driver: Option<JoinHandle<()>>,
}

/// How often the screen is told how far the run is.
const BEAT: Duration = Duration::from_millis(10);

impl Link {
    /// Starts the program as the nodes. Time stands still until somebody lets it go on. The error says what is wrong.
    pub fn start(args: &Args) -> anyhow::Result<Link> {
        guard::watch(false).context("cannot listen for signals")?;
        let scenario = args.scenario(true)?;
        let drive = Drive::start(scenario.clone(), args.program()?).map_err(|why| anyhow!(why))?;
        let way = drive.way();
        let asking = args.rate.map(|rate| args.asking(rate, way)).unwrap_or_default();
        let slow = args.rate.and_then(|rate| too_much(rate, args.nodes, way));
        let ((orders, taken), (tell, news)) = (channel(), channel());
        // The other end stands below.
        if let Some(slow) = slow {
            _ = tell.send(News::Said(slow));
        }
        let driver = thread::Builder::new().name("nodes".into()).spawn(move || work(drive, asking, &taken, &tell))?;
        Ok(Link { scenario, orders: Some(orders), news, driver: Some(driver) })
    }

    /// A run that was recorded: all of it is known.
    pub fn recorded(replay: Replay) -> Link {
        let (tell, news) = channel();
        for poke in replay.pokes {
            // The other end stands below.
            let _ = tell.send(News::Done(poke));
        }
        let _ = tell.send(News::Reached(replay.end.at));
        Link { scenario: replay.scenario, orders: None, news, driver: None }
    }

    /// Whether there are processes behind it.
    pub fn is_live(&self) -> bool {
        self.orders.is_some()
    }

    /// Asks for something.
    pub fn ask(&self, order: Order) {
        if let Some(orders) = &self.orders {
            // Nobody listens any more only where the run is over.
            let _ = orders.send(order);
        }
    }

    /// What is new.
    pub fn news(&self) -> Vec<News> {
        self.news.try_iter().collect()
    }
}

/// That clients who wait for their answers cannot ask as often as they are to.
fn too_much(rate: f64, clients: u16, way: Duration) -> Option<String> {
    let most = f64::from(clients) / way.as_secs_f64().max(f64::MIN_POSITIVE);
    (rate > most).then(|| {
        format!(
            "{clients} clients that wait for each answer ask at most {most:.0} times in a second at this latency, and not {rate:.0} times"
        )
    })
}

impl Drop for Link {
    fn drop(&mut self) {
        // Without orders the run ends, and with it every process.
        self.orders = None;
        if let Some(driver) = self.driver.take() {
            let _ = driver.join();
        }
    }
}

fn work(mut drive: Drive, mut asking: Vec<String>, orders: &Receiver<Order>, tell: &Sender<News>) {
    drive.freeze(true);
    let mut stuck = false;
    loop {
        if drive.is_ready() {
            for poke in asking.drain(..).filter_map(|command| faults::poke(&command)) {
                // Nobody else has asked anything yet.
                let _ = drive.poke(&poke);
            }
        }
        loop {
            match orders.try_recv() {
                Ok(Order::Poke(poke)) => {
                    if let Err(why) = drive.poke(&poke) {
                        let _ = tell.send(News::Refused(why));
                    }
                }
                Ok(Order::Play(on)) => drive.freeze(!on),
                Ok(Order::Speed(speed)) => drive.set_speed(speed),
                Err(TryRecvError::Empty) => break,
                Err(TryRecvError::Disconnected) => return,
            }
        }
        drive.go_on(BEAT, |_| false);
        let done = drive.take_done().into_iter().map(News::Done);
        let heard = done.chain([News::Reached(drive.run().at())]).try_for_each(|news| tell.send(news));
        if heard.is_err() {
            return;
        }
        if let Some(why) = drive.stuck() {
            if !std::mem::replace(&mut stuck, true) {
                let _ = tell.send(News::Stuck(format!("{why}; your programs were ended")));
                drive.dismiss();
            }
            thread::park_timeout(BEAT);
        }
    }
}

/// What was done to a run of programs, and what they did that they should not, in sentences with their times; then the same of what they
/// said beside their messages.
pub(super) fn remarks(cluster: &dyn Cluster) -> [Vec<(Time, String)>; 2] {
    let mut all = Vec::new();
    cluster.happenings(Time::ZERO, &mut all);
    let mut told = [Vec::new(), Vec::new()];
    for happening in all {
        match happening.what {
            What::Poked(poke) if is_worth_a_line(&poke) => told[0].push((happening.at, poke.to_string())),
            What::Note { text, mark: NoteMark::Small, .. } => told[1].push((happening.at, text)),
            // That a node fails follows from what was said of its program.
            What::Note { node, text, mark } if mark != NoteMark::Applies && text != format!("{node} fails") => {
                told[0].push((happening.at, text));
            }
            _ => {}
        }
    }
    told
}

fn is_worth_a_line(poke: &Poke) -> bool {
    !crate::cluster::processes::asks::is_handed(poke) && !matches!(poke, Poke::Workload(..) | Poke::Ask { .. })
}
