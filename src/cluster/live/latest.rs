//! Where the history tells of the last request of each client: the stage shows it, however long ago it was made.

use crate::sim::history::{Kind, Record};
use crate::sim::id::{NodeId, RequestId};

/// A request, and the lines of the history that tell of it.
#[derive(Clone, Copy, Debug)]
pub(super) struct Asked {
    request: RequestId,
    pub(super) called: usize,
    pub(super) ended: Option<usize>,
}

/// The last request of each client.
#[derive(Clone, Debug, Default)]
pub(super) struct Latest(Vec<Option<Asked>>);

impl Latest {
    /// Follows one line of the history, which has this number.
    pub(super) fn follow<Op, Ret>(&mut self, line: usize, record: &Record<Op, Ret>) {
        let client = record.client.index();
        if self.0.len() <= client {
            self.0.resize(client + 1, None);
        }
        let latest = &mut self.0[client];
        match (&record.kind, latest) {
            (Kind::Invoke(_), latest) => *latest = Some(Asked { request: record.request, called: line, ended: None }),
            (_, Some(asked)) if asked.request == record.request => asked.ended = Some(line),
            _ => {}
        }
    }

    /// That of one client; `None`: it has asked nothing.
    pub(super) fn of(&self, client: NodeId) -> Option<Asked> {
        self.0.get(client.index()).copied().flatten()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::cluster::live::Live;
    use crate::cluster::replicated::Replicated;
    use crate::command::{Command, Poke};
    use crate::sim::time::Span;
    use crate::timeline::Timeline;

    fn poke(text: &str) -> Poke {
        match crate::cluster::replicated::MODEL.language.parse(text) {
            Ok(Command::Poke(poke)) => poke,
            other => panic!("{other:?}"),
        }
    }

    #[test]
    fn it_is_what_a_walk_through_the_history_finds() {
        let scenario = crate::cluster::Scenario { clients: Some(4), ..crate::cluster::Scenario::of("replicated") };
        let mut run = Timeline::new(scenario).unwrap();
        let pokes = ["workload c1 200/s read:write 1:1 keys x", "workload c3 30/s read:write 1:1 keys x", "c2 write x 1", "crash n1"];
        for text in pokes {
            run.poke(&poke(text)).unwrap();
            for _ in 0..200 {
                run.advance(Span::ms(3));
                let live = run.cluster().as_any().downcast_ref::<Live<Replicated>>().unwrap();
                let lines = live.sim.history().all();
                for client in (0..4).map(NodeId::client) {
                    let called = lines.iter().rposition(|line| line.client == client && matches!(line.kind, Kind::Invoke(_)));
                    let ended = called.and_then(|at| {
                        let is_end = |line: &&std::borrow::Cow<'_, Record<_, _>>| {
                            line.request == lines[at].request && !matches!(line.kind, Kind::Invoke(_))
                        };
                        lines.iter().enumerate().find(|(_, line)| is_end(line)).map(|(at, _)| at)
                    });
                    let found = live.latest.of(client);
                    assert_eq!(found.map(|asked| (asked.called, asked.ended)), called.map(|called| (called, ended)), "{client}");
                }
            }
        }
        assert!(run.cluster().history_len() > 200);
    }
}
