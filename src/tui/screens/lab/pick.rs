//! The box of a poke that needs one more key: which node, which split, which client. What cannot be done says why.

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;

use super::layout::Panel;
use super::{Lab, about, pokes};
use crate::check::operation::{Key as Name, Value};
use crate::cluster::scene::{Health, NodeView, Scene};
use crate::cluster::tell::Names;
use crate::command::{CallDoc, Direction, DiskFate, Place, Poke, VerbDoc};
use crate::lab::nodes;
use crate::sim::id::NodeId;
use crate::tui::actions;
use crate::tui::app::App;
use crate::tui::hits::Hits;
use crate::tui::keys::Key;
use crate::tui::screens::listing::{self, Anchor, Row};
use crate::tui::screens::{Over, footer, palette};
use crate::tui::widgets::Target;
use crate::tui::widgets::text::width;

/// The choices of a poke.
#[derive(Clone, Debug)]
pub struct Pick {
    title: &'static str,
    rows: Vec<Choice>,
    cursor: usize,
}

#[derive(Clone, Debug)]
struct Choice {
    /// The thing that it acts on, at the first choice of a group; empty at the others.
    group: String,
    does: Does,
    refused: Option<String>,
}

/// What a choice does.
#[derive(Clone, Debug)]
enum Does {
    /// Pokes the cluster.
    Poke(Poke),
    /// Opens the palette with the first word of a command that needs more to be said.
    Type(&'static str),
}

/// So many choices have a digit; the others are reached with the arrows.
const DIGITS: usize = 9;

impl Pick {
    /// The choices among these pokes, each tried out on a copy of the run to see whether and why it is refused.
    fn new(lab: &Lab, title: &'static str, pokes: Vec<Poke>) -> Pick {
        let refused = |poke: &Poke| lab.run().cluster().fork().apply(poke).err().map(|why| why.0);
        let one = |poke: Poke| Choice { group: String::new(), refused: refused(&poke), does: Does::Poke(poke) };
        let model = &lab.run().scenario().model;
        let rows: Vec<Choice> = pokes.into_iter().filter(|poke| !nodes::is_beyond(model, poke)).map(one).collect();
        let cursor = rows.iter().position(|r| r.refused.is_none()).unwrap_or(0);
        Pick { title, rows, cursor }
    }

    /// The selected choice, as a command.
    pub(in crate::tui) fn chosen(&self) -> Option<String> {
        match &self.rows.get(self.cursor)?.does {
            Does::Poke(poke) => Some(poke.to_string()),
            Does::Type(verb) => Some((*verb).to_string()),
        }
    }

    /// Names each group at its first choice.
    fn name_groups(&mut self, scene: &Scene) {
        let mut last = None;
        for row in &mut self.rows {
            let Does::Poke(poke) = &row.does else { continue };
            let thing = about::thing(poke, scene);
            if last.replace(thing) != Some(thing) {
                row.group = about::heading(thing, scene);
            }
        }
    }

    fn move_by(&mut self, by: isize) {
        self.cursor = self.cursor.saturating_add_signed(by).min(self.rows.len().saturating_sub(1));
    }
}

/// Whether pokes are possible here.
pub fn can_poke(app: &App) -> Result<(), String> {
    app.lab().map_or(Ok(()), Lab::may_move)
}

/// Opens the box, or does the poke at once where there is only one. What is selected is what it acts on, where it can.
fn offer(app: &mut App, title: &'static str, none: &str, pokes: impl FnOnce(&Lab) -> Vec<Poke>) {
    let Some(lab) = app.lab_mut() else { return };
    lab.pace.pause();
    let pick = Pick::new(lab, title, about::narrowed(pokes(lab), lab.selected, &lab.picture().scene));
    match pick.rows.as_slice() {
        [] => app.refuse(none),
        [Choice { does: Does::Poke(poke), .. }] => {
            let poke = poke.clone();
            pokes::poke(app, &poke);
        }
        _ => app.over = Some(Over::Pick(pick)),
    }
}

/// Crash a node, or restart one that is down.
pub fn crash(app: &mut App, _key: Key) {
    offer(app, "Crash or restart", "there is no server", crashes);
}

/// Every server; where one is selected that one alone, and then what becomes of its disk is left to the box of more.
fn crashes(lab: &Lab) -> Vec<Poke> {
    let nodes = &lab.picture().scene.nodes;
    let one = |n: &NodeView| match n.health {
        Health::Down => Poke::Restart(Place::Node(n.id)),
        _ => Poke::Crash(Place::Node(n.id), DiskFate::Kept),
    };
    if let Some(chosen) = nodes.iter().find(|n| lab.selected == Some(Target::Node(n.id))) {
        return vec![one(chosen)];
    }
    let up = nodes.iter().filter(|n| n.health != Health::Down);
    nodes.iter().map(one).chain(up.map(|n| Poke::Crash(Place::Node(n.id), DiskFate::LosesUnsynced))).collect()
}

/// Pause a node, or resume one.
pub fn pause(app: &mut App, _key: Key) {
    offer(app, "Pause or resume", "there is no server", pauses);
}

fn pauses(lab: &Lab) -> Vec<Poke> {
    let one = |n: &NodeView| match n.health {
        Health::Paused => Poke::Resume(Place::Node(n.id)),
        _ => Poke::Pause(Place::Node(n.id)),
    };
    lab.picture().scene.nodes.iter().map(one).collect()
}

/// Cut the network.
pub fn cut(app: &mut App, _key: Key) {
    offer(app, "Cut the network", "there are no two servers to cut apart", cuts);
}

fn cuts(lab: &Lab) -> Vec<Poke> {
    if let Some(Target::Wire(a, b)) = lab.selected {
        return about::cuts_of_wire(a, b);
    }
    let scene = &lab.picture().scene;
    let nodes: Vec<NodeId> = scene.nodes.iter().map(|n| n.id).collect();
    let servers = splits(&nodes).into_iter().map(|(a, b)| (places(&a), places(&b)));
    let sides = zone_splits(&scene.zones).into_iter().chain(servers);
    sides.map(|(a, b)| Poke::Cut(a, Direction::Both, b)).collect()
}

/// The action with which a poke of every model is done.
pub(super) fn action_of(poke: &Poke) -> Option<&'static str> {
    match poke {
        Poke::HealAll => Some("heal"),
        Poke::Crash(..) | Poke::Restart(_) => Some("crash"),
        Poke::Pause(_) | Poke::Resume(_) => Some("pause-node"),
        Poke::Cut(..) => Some("cut"),
        _ => None,
    }
}

/// The keys with which a poke is done now: one that opens a box and a digit there, or one alone; before them the one that lets go of what
/// is selected, where that stands in the way. `None` where it has to be typed.
pub(super) fn keys_of(lab: &Lab, poke: &Poke) -> Option<Vec<String>> {
    if matches!(poke, Poke::HealAll) {
        return Some(vec![key_of("heal")?]);
    }
    let found = |rows: &[Poke]| {
        let row = rows.iter().position(|row| is_alike(row, poke)).filter(|row| *row < DIGITS)?;
        Some((rows.len() > 1).then(|| (row + 1).to_string()))
    };
    let (key, rows) = rows_of(lab, poke)?;
    let narrowed = about::narrowed(rows.clone(), lab.selected, &lab.picture().scene);
    match (found(&narrowed), found(&rows)) {
        (Some(digit), _) => Some([key].into_iter().chain(digit).collect()),
        (None, Some(digit)) => Some(["Esc".to_string(), key].into_iter().chain(digit).collect()),
        (None, None) => None,
    }
}

fn key_of(id: &str) -> Option<String> {
    actions::by_id(id).map(|action| action.first_key().to_string())
}

/// The key of a kind of poke, and the choices in its box.
fn rows_of(lab: &Lab, poke: &Poke) -> Option<(String, Vec<Poke>)> {
    match poke {
        Poke::Crash(..) | Poke::Restart(_) => Some((key_of("crash")?, crashes(lab))),
        Poke::Pause(_) | Poke::Resume(_) => Some((key_of("pause-node")?, pauses(lab))),
        Poke::Cut(..) => Some((key_of("cut")?, cuts(lab))),
        Poke::Ask { call, .. } => {
            let doc = lab.language().calls.iter().find(|doc| doc.verb.name == call.verb.name)?;
            Some((doc.key?.to_string(), calls(lab, doc)))
        }
        _ => None,
    }
}

/// Whether a choice does what a text means: who asks for the same may write another value.
fn is_alike(choice: &Poke, meant: &Poke) -> bool {
    match (choice, meant) {
        (Poke::Ask { client, call, server }, Poke::Ask { client: by, call: other, server: of }) => {
            let same = call.verb.name == other.verb.name && call.form == other.form && call.args.len() == other.args.len();
            let slots: Vec<&str> = call.slots().collect();
            let mut pairs = call.args.iter().zip(&other.args).enumerate();
            client == by && server == of && same && pairs.all(|(at, (one, other))| one == other || slots.get(at) == Some(&"VALUE"))
        }
        _ => choice == meant,
    }
}

/// Every zone, with its clients, against the rest.
fn zone_splits(zones: &[String]) -> Vec<(Vec<Place>, Vec<Place>)> {
    let alone = if zones.len() == 2 { 1 } else { zones.len() };
    let side = |keep: &dyn Fn(usize) -> bool| (0..zones.len()).filter(|i| keep(*i)).map(|i| Place::Named(zones[i].clone())).collect();
    (0..alone).filter(|_| zones.len() > 1).map(|i| (vec![Place::Named(zones[i].clone())], side(&|j| j != i))).collect()
}

/// Every server against the rest; for four and more also halves.
fn splits(nodes: &[NodeId]) -> Vec<(Vec<NodeId>, Vec<NodeId>)> {
    let side = |keep: &dyn Fn(usize) -> bool| (0..nodes.len()).filter(|i| keep(*i)).map(|i| nodes[i]).collect::<Vec<_>>();
    let alone = if nodes.len() == 2 { 1 } else { nodes.len() };
    let mut splits: Vec<_> = (0..alone).filter(|_| nodes.len() > 1).map(|i| (vec![nodes[i]], side(&|j| j != i))).collect();
    if nodes.len() > 3 {
        let half = nodes.len() / 2;
        splits.insert(0, (side(&|j| j < half), side(&|j| j >= half)));
    }
    splits
}

fn places(nodes: &[NodeId]) -> Vec<Place> {
    nodes.iter().map(|n| Place::Node(*n)).collect()
}

/// Heal every cut.
pub fn heal(app: &mut App, _key: Key) {
    pokes::poke(app, &Poke::HealAll);
}

/// Clients ask, or an operator does, what has this key in the model on the stage.
pub fn ask(app: &mut App, key: Key) {
    let Some(letter) = key.typed() else { return };
    let language = app.lab().map(Lab::language).unwrap_or_default();
    let settings = app.lab().map(|lab| lab.run().cluster().settings()).unwrap_or_default();
    if let Some(doc) = language.calls.iter().find(|call| call.key == Some(letter) && call.fits(&settings)) {
        return offer(app, doc.verb.name, "there is no client", |lab| calls(lab, doc));
    }
    match language.verbs.iter().find(|own| own.key == Some(letter)) {
        Some(own) => offer(app, own.verb.name, "nothing can be done so", |lab| deeds(lab, own)),
        None => app.refuse(format!("`{letter}` has no meaning here; `?` shows every key")),
    }
}

/// A call by every client; one that only looks can also be asked of every server by name.
fn calls(lab: &Lab, doc: &'static CallDoc) -> Vec<Poke> {
    let call = doc.filled(0, &key_in_use(lab), &next_value(lab), None);
    let ask = |client, server| Poke::Ask { client, call: call.clone(), server };
    let clients = clients(lab);
    let routed = clients.iter().map(|c| ask(*c, None));
    let servers = lab.picture().scene.nodes.iter().map(|n| n.id).filter(|_| !doc.changes && doc.names_server());
    let direct = servers.flat_map(|n| clients.iter().map(move |c| (*c, n))).map(|(c, n)| ask(c, Some(n)));
    routed.chain(direct).collect()
}

/// Every way in which an operator's verb can be tried.
fn deeds(lab: &Lab, own: &VerbDoc) -> Vec<Poke> {
    let all = lab.run().cluster().enabled().into_iter().map(|choice| choice.poke);
    all.filter(|poke| matches!(poke, Poke::Operate(call) if call.verb.name == own.verb.name)).collect()
}

fn clients(lab: &Lab) -> Vec<NodeId> {
    lab.picture().scene.clients.iter().map(|c| c.id).collect()
}

/// The key of the last exchange, `x` before the first.
fn key_in_use(lab: &Lab) -> Name {
    let last = lab.picture().operations().last();
    last.and_then(|exchange| exchange.call.get("KEY")?.key()).unwrap_or_else(|| "x".into())
}

/// One more than the highest number that was sent lately.
fn next_value(lab: &Lab) -> Value {
    let sent = lab.picture().operations().iter().filter_map(|exchange| match exchange.call.get("VALUE")?.value()? {
        Value::Int(n) => Some(*n),
        Value::Text(_) => None,
    });
    Value::Int(sent.max().unwrap_or(0).saturating_add(1))
}

/// Everything that the cluster offers, in groups: one a thing, the selected thing first.
pub fn more(app: &mut App, _key: Key) {
    let Some(lab) = app.lab_mut() else { return };
    lab.pace.pause();
    let scene = &lab.picture().scene;
    let enabled = lab.run().cluster().enabled().into_iter().filter(|c| c.refused.is_none()).map(|c| c.poke);
    let wire = if let Some(Target::Wire(a, b)) = lab.selected { about::cuts_of_wire(a, b) } else { Vec::new() };
    let pokes = wire.into_iter().chain(ended(lab)).chain(enabled).collect();
    let mut pick = Pick::new(lab, "More to do", about::grouped(pokes, lab.selected, scene));
    pick.name_groups(scene);
    let typed = ["set", "workload"].map(|verb| Choice { group: String::new(), does: Does::Type(verb), refused: None });
    pick.rows.extend(typed);
    app.over = Some(Over::Pick(pick));
}

/// Selects a thing and opens the box with what can be done to it.
pub fn more_of(app: &mut App, target: Target, key: Key) {
    if let Err(why) = can_poke(app) {
        return app.refuse(why);
    }
    let Some(lab) = app.lab_mut() else { return };
    (lab.selected, lab.focus) = (Some(target), Panel::Stage);
    more(app, key);
}

/// Ends every stream of requests that runs.
fn ended(lab: &Lab) -> impl Iterator<Item = Poke> {
    let pokes = lab.run().pokes();
    let done = &pokes[..lab.run().pokes_done().min(pokes.len())];
    let runs = |client: NodeId| {
        let said = done.iter().rev().find_map(|p| match &p.poke {
            Poke::Workload(of, workload) if *of == client => Some(workload.is_some()),
            _ => None,
        });
        said.unwrap_or(false)
    };
    clients(lab).into_iter().filter(move |c| runs(*c)).map(|c| Poke::Workload(c, None)).collect::<Vec<_>>().into_iter()
}

/// The choice above.
pub fn up(app: &mut App, _key: Key) {
    with(app, |pick| pick.move_by(-1));
}

/// The choice below.
pub fn down(app: &mut App, _key: Key) {
    with(app, |pick| pick.move_by(1));
}

fn with(app: &mut App, change: impl FnOnce(&mut Pick)) {
    if let Some(Over::Pick(pick)) = &mut app.over {
        change(pick);
    }
}

/// Takes the selected choice.
pub fn take(app: &mut App, _key: Key) {
    if let Some(Over::Pick(pick)) = &app.over {
        let cursor = pick.cursor;
        choose(app, cursor);
    }
}

/// Takes the choice with this digit.
pub fn digit(app: &mut App, key: Key) {
    let digit = key.typed().and_then(|c| c.to_digit(10)).unwrap_or(0) as usize;
    choose(app, digit.wrapping_sub(1));
}

/// Takes a choice by its place in the list.
pub fn choose(app: &mut App, index: usize) {
    let Some(Over::Pick(pick)) = &app.over else { return };
    match pick.rows.get(index).cloned() {
        None => app.refuse(format!("there is no choice {}", index.wrapping_add(1))),
        Some(Choice { refused: Some(why), .. }) => app.refuse(why),
        Some(Choice { does, .. }) => {
            app.over = None;
            match does {
                Does::Poke(poke) => pokes::poke(app, &poke),
                Does::Type(verb) => palette::open_with(app, &format!("{verb} ")),
            }
        }
    }
}

/// Draws the box at the lower right.
pub fn draw(app: &App, pick: &Pick, area: Rect, buf: &mut Buffer, hits: &mut Hits) {
    let theme = &app.theme;
    let [body, foot] = crate::tui::screens::with_footer(area);
    let stage = super::draw::stage_area(app, area).unwrap_or(body);
    let names = app.lab().map(|lab| Names::on(&lab.picture().scene)).unwrap_or_default();
    let groups = pick.rows.iter().map(|choice| width(&choice.group)).max().unwrap_or(0);
    let group = |choice: &Choice| match groups {
        0 => String::new(),
        _ => format!("{}{}  ", choice.group, " ".repeat(groups - width(&choice.group))),
    };
    let row = |(i, choice): (usize, &Choice)| Row {
        key: if i < DIGITS { (i + 1).to_string() } else { String::new() },
        left: match &choice.does {
            Does::Poke(poke) => format!("{}{}", group(choice), names.command(poke)),
            Does::Type(verb) => format!("{}{verb} {}", group(choice), theme.glyphs.more),
        },
        right: choice.refused.clone().unwrap_or_default(),
        style: if choice.refused.is_none() { theme.text } else { theme.dim },
        bar: false,
    };
    let rows: Vec<Row> = pick.rows.iter().enumerate().map(row).collect();
    let place = listing::place(stage, &rows, pick.title, Anchor::Corner);
    listing::draw(place, &rows, pick.cursor, pick.title, buf, theme, hits);
    footer::over(app, &["pick", "pick-down", "close-pick"], foot, buf, hits);
}

#[cfg(test)]
mod tests {
    use super::is_alike;
    use crate::cluster::registry::language;
    use crate::command::{Command, Poke};

    fn poke(model: &str, text: &str) -> Poke {
        match language(model).parse(text) {
            Ok(Command::Poke(poke)) => poke,
            other => panic!("{text}: {other:?}"),
        }
    }

    #[test]
    fn keys_stand_for_nothing_but_what_they_do() {
        let alike = |model, one, other| is_alike(&poke(model, one), &poke(model, other));
        assert!(alike("replicated", "c1 write x 7", "c1 write x 8"), "the next number");
        assert!(!alike("replicated", "c1 write x 7", "c1 write y 7") && !alike("replicated", "c1 write x 7", "c2 write x 7"));
        assert!(alike("proxy", "c1 get http://news/", "c1 get http://news/"));
        for other in ["c1 get http://app1/", "c1 get http://news/ direct", "c1 get http://app1/ direct"] {
            assert!(!alike("proxy", "c1 get http://news/", other), "{other}");
        }
    }
}
