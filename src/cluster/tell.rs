//! The one teller: the sentence for what happened, and how much it matters. Screens colour sentences and group them; they make none.

mod entries;

use crate::command::Poke;
use crate::sim::id::NodeId;

pub use entries::{Entry, Many, entries};

use super::scene::{Scene, Sign};
use super::told::Exchange;
use super::{COPY, NoteMark, What};

/// A sentence about something that happened.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Sentence {
    /// How it is to be seen.
    pub voice: Voice,
    /// The sentence.
    pub text: String,
}

/// What a sentence is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Voice {
    /// Somebody poked the cluster.
    Poked,
    /// A message was lost.
    Lost,
    /// A message was thrown away as a copy.
    Copy,
    /// A client asks.
    Asks,
    /// A client is told.
    Told,
    /// A node did something.
    Note(NoteMark),
}

/// How much a sentence matters.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Rank {
    /// Many like it can stand together, and make way for others.
    Usual,
    /// Many like it can stand together, and are never left out: something was lost.
    Loss,
    /// It always stands alone and is never left out: a role changed, somebody poked, something was refused or thrown away.
    Loud,
}

impl Voice {
    /// How much it matters.
    pub fn rank(self) -> Rank {
        match self {
            Voice::Copy | Voice::Asks | Voice::Told | Voice::Note(NoteMark::Applies | NoteMark::Small) => Rank::Usual,
            Voice::Lost => Rank::Loss,
            Voice::Poked | Voice::Note(_) => Rank::Loud,
        }
    }
}

/// What makes sentences alike, so that many of them can be told as one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Likeness {
    who: NodeId,
    whom: Option<NodeId>,
    voice: Voice,
    word: &'static str,
}

/// The voice of what happened; `None` for what goes without saying: messages that arrive, and lost signs of life, of which the silence
/// that follows is what counts.
pub fn voice(what: &What) -> Option<Voice> {
    match what {
        What::Arrived { .. } => None,
        What::Lost { kind, .. } if kind.sign == Sign::Heartbeat => None,
        What::Lost { why, .. } => Some(if *why == COPY { Voice::Copy } else { Voice::Lost }),
        What::Poked(_) => Some(Voice::Poked),
        What::Called(_) => Some(Voice::Asks),
        What::Returned(..) => Some(Voice::Told),
        What::Note { mark, .. } => Some(Voice::Note(*mark)),
    }
}

/// What nodes are called in sentences: by their model's names, as on the stage.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Names(Vec<(NodeId, String)>);

impl Names {
    /// The names on a stage. Those that are only numbers go without saying.
    pub fn on(scene: &Scene) -> Names {
        let servers = scene.nodes.iter().map(|node| (node.id, &node.name));
        let former = scene.former.iter().map(|(id, name)| (*id, name));
        let all = servers.chain(scene.clients.iter().map(|client| (client.id, &client.name))).chain(former);
        Names(all.filter(|(id, name)| **name != id.to_string()).map(|(id, name)| (id, name.clone())).collect())
    }

    /// What a node is called.
    pub fn of(&self, id: NodeId) -> String {
        self.0.iter().find(|(known, _)| *known == id).map_or_else(|| id.to_string(), |(_, name)| name.clone())
    }

    /// What is done to nodes, with servers in the words of the stage, as commands take them too; clients have a number only there.
    pub fn command(&self, poke: &Poke) -> String {
        let text = poke.to_string();
        // What is asked and set has words of its own, which only look like numbers of nodes.
        if matches!(poke, Poke::Ask { .. } | Poke::Set(..) | Poke::Workload(..) | Poke::Operate(_)) {
            return text;
        }
        let server = |word: &str| word.parse().ok().filter(|id: &NodeId| !id.is_client());
        let word = |word: &str| server(word).map_or_else(|| word.to_string(), |id| self.of(id));
        text.split(' ').map(word).collect::<Vec<_>>().join(" ")
    }

    /// A node and what it does, in the form for one or for many: `c1 asks`, `users ask`.
    fn does(&self, id: NodeId, [one, many]: [&str; 2]) -> String {
        let name = self.of(id);
        // Names of the many end like this, and no name of one does.
        let verb = if name.ends_with('s') { many } else { one };
        format!("{name} {verb}")
    }
}

const ASKS: [&str; 2] = ["asks", "ask"];
const IS_TOLD: [&str; 2] = ["is told", "are told"];

/// The sentence for what happened; `exchange` finds what calls and returns point at. `None` where there is nothing to say, or the
/// exchange is not known any more.
pub fn sentence<'a>(what: &What, names: &Names, exchange: impl FnOnce(usize) -> Option<&'a Exchange>) -> Option<Sentence> {
    let voice = voice(what)?;
    let text = match what {
        What::Arrived { .. } => return None,
        What::Lost { from, to, kind, .. } if voice == Voice::Copy => {
            format!("{}'s {} to {} came a second time: the copy is thrown away.", names.of(*from), kind.word, names.of(*to))
        }
        What::Lost { from, to, kind, why, .. } => format!("{}'s {} to {} is lost: {why}.", names.of(*from), kind.word, names.of(*to)),
        What::Poked(poke) => format!("You: {}", names.command(poke)),
        What::Called(index) => exchange(*index).map(|own| format!("{}: {}", names.does(own.client, ASKS), own.call))?,
        What::Returned(index, told) => {
            let said = |own: &Exchange| if own.outcome.is_ok() || own.ended.is_none() { told.clone() } else { own.outcome.said() };
            exchange(*index).map(|own| format!("{}: {}  ({})", names.does(own.client, IS_TOLD), said(own), own.call))?
        }
        What::Note { node, text, .. } => with_name(&names.of(*node), text),
    };
    Some(Sentence { voice, text })
}

/// A note names its node, once.
fn with_name(node: &str, text: &str) -> String {
    let named = text.split(|c: char| !c.is_alphanumeric()).any(|word| word == node);
    if named { text.to_string() } else { format!("{node}: {text}") }
}

/// What a sentence is like that can stand together with others; `None` for one that stands alone.
pub fn likeness<'a>(what: &What, exchange: impl FnOnce(usize) -> Option<&'a Exchange>) -> Option<Likeness> {
    let voice = voice(what).filter(|voice| voice.rank() < Rank::Loud)?;
    let (who, whom, word) = match what {
        What::Lost { from, to, kind, .. } => (*from, Some(*to), kind.word),
        What::Called(index) | What::Returned(index, _) => exchange(*index).map(|own| (own.client, None, own.call.verb.name))?,
        What::Note { node, .. } => (*node, None, ""),
        What::Arrived { .. } | What::Poked(_) => return None,
    };
    Some(Likeness { who, whom, voice, word })
}

impl Likeness {
    /// How it is to be seen.
    pub fn voice(&self) -> Voice {
        self.voice
    }

    /// The sentence for so many more like one that was told: `c1 asks 24 more: read`.
    fn more(&self, count: &str, names: &Names) -> String {
        let (who, word) = (names.of(self.who), self.word);
        let to = self.whom.map_or(String::new(), |whom| format!(" to {}", names.of(whom)));
        match self.voice {
            Voice::Asks => format!("{} {count} more: {word}", names.does(self.who, ASKS)),
            Voice::Told => format!("{} {count} more answers  ({word})", names.does(self.who, IS_TOLD)),
            Voice::Lost => format!("{count} more of {who}'s messages{to} are lost: {word}"),
            Voice::Copy => format!("{count} more copies of {who}'s messages{to} are thrown away: {word}"),
            Voice::Poked | Voice::Note(_) => format!("{who}: {count} more like it"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::cluster::scene::FlightKind;
    use crate::sim::id::MsgId;
    use crate::sim::time::Time;

    fn lost(kind: FlightKind, why: &'static str) -> What {
        What::Lost { id: MsgId(1), from: NodeId::server(0), to: NodeId::server(1), sent: Time::ZERO, kind, why }
    }

    fn text(what: &What) -> Option<String> {
        sentence(what, &Names::default(), |_| None).map(|sentence| sentence.text)
    }

    #[test]
    fn a_loss_is_told_and_a_copy_is_no_loss() {
        let data = FlightKind::new(Sign::Data, "replication");
        assert_eq!(text(&lost(data, "cut")).as_deref(), Some("n1's replication to n2 is lost: cut."));
        let copy = sentence(&lost(data, COPY), &Names::default(), |_| None).unwrap();
        assert_eq!(copy.voice, Voice::Copy);
        assert!(!copy.text.contains("lost"));
        assert_eq!(text(&lost(FlightKind::new(Sign::Heartbeat, "heartbeat"), "cut")), None);
    }

    #[test]
    fn many_behind_one_name_are_told_of_as_many() {
        let like = Likeness { who: NodeId::client(0), whom: None, voice: Voice::Asks, word: "view" };
        assert_eq!(like.more("24", &Names::default()), "c1 asks 24 more: view");
        let users = Names(vec![(NodeId::client(0), "users".into())]);
        assert_eq!(like.more("24", &users), "users ask 24 more: view");
        assert_eq!(Likeness { voice: Voice::Told, ..like }.more("2", &users), "users are told 2 more answers  (view)");
    }

    #[test]
    fn turns_stand_alone_and_losses_of_a_kind_together() {
        let note = |mark| What::Note { node: NodeId::server(1), text: "n2 leads epoch 2".into(), mark };
        for mark in [NoteMark::Leads, NoteMark::Follows, NoteMark::Decides, NoteMark::Discards, NoteMark::Refuses] {
            assert_eq!(likeness(&note(mark), |_| None), None);
        }
        let data = FlightKind::new(Sign::Data, "replication");
        let like = likeness(&lost(data, "cut"), |_| None).unwrap();
        assert_eq!(Some(&like), likeness(&lost(data, "lost"), |_| None).as_ref());
        assert_eq!(like.more("24", &Names::default()), "24 more of n1's messages to n2 are lost: replication");
        assert_eq!(text(&note(NoteMark::Leads)).as_deref(), Some("n2 leads epoch 2"));
    }
}
