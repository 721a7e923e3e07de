//! Systems that are ready-made: what each is, its cluster, and the three pokes worth trying first. They stand in
//! `assets/blueprints.toml`.

use std::collections::BTreeMap;
use std::sync::OnceLock;

use serde::Deserialize;

use super::text::{pairs, text, texts};

/// The table of all of them.
static TABLE: &str = include_str!("../../../assets/blueprints.toml");

/// A system that is ready-made.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Blueprint {
    /// Its name: `redis`.
    pub id: String,
    /// Its name on the screen.
    pub title: String,
    /// One sentence: what it is, and which real system it resembles.
    pub about: String,
    /// What is said of it rests on these.
    pub sources: Vec<String>,
    /// The model of its cluster.
    pub model: String,
    /// How many servers; the model's own number unless said.
    nodes: Option<u16>,
    /// How many clients; the model's own number unless said.
    clients: Option<u16>,
    /// The seed of every random draw.
    #[serde(default = "one")]
    seed: u64,
    /// Places by name.
    #[serde(default)]
    zones: BTreeMap<String, Vec<String>>,
    /// Settings that differ from the model's.
    #[serde(default)]
    settings: BTreeMap<String, String>,
    /// What is done to a fresh cluster.
    #[serde(default)]
    start: Vec<String>,
    /// How much of its time passes in a second of ours; as the model has it unless said.
    pub(super) pace: Option<String>,
    /// What is worth trying first.
    #[serde(rename = "poke")]
    pub pokes: [Poke; 3],
}

/// Something worth trying.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Poke {
    /// What it is, in a few words.
    pub name: String,
    /// What to look at, in a sentence or two.
    pub watch: String,
    /// How much of its time passes in a second of ours meanwhile.
    pace: Option<String>,
    /// Titles of the panels that show it.
    #[serde(default)]
    panel: Vec<String>,
    /// The commands.
    #[serde(rename = "do")]
    pub commands: Vec<String>,
    /// The condition that does not hold at the start and holds at the end.
    pub see: String,
    /// What has happened once it holds.
    pub so: String,
}

fn one() -> u64 {
    1
}

/// What the table may hold.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Table {
    blueprint: Vec<Blueprint>,
}

fn read() -> &'static Result<Vec<Blueprint>, String> {
    static READ: OnceLock<Result<Vec<Blueprint>, String>> = OnceLock::new();
    let table = || toml::from_str::<Table>(TABLE).map(|table| table.blueprint);
    READ.get_or_init(|| table().map_err(|wrong| format!("assets/blueprints.toml: {}", wrong.to_string().trim_end())))
}

/// Every blueprint, in the order of the table.
pub fn all() -> &'static [Blueprint] {
    read().as_deref().unwrap_or_default()
}

/// What is wrong with the table: nothing, as the tests see to it.
pub fn complaint() -> Option<&'static str> {
    read().as_ref().err().map(String::as_str)
}

/// The blueprint of this name.
pub fn by_id(id: &str) -> Option<&'static Blueprint> {
    all().iter().find(|ready| ready.id == id)
}

impl Blueprint {
    /// The `[cluster]` of its lesson.
    pub(super) fn cluster(&self) -> Vec<String> {
        let mut lines = vec!["[cluster]".to_string(), format!("model = {}", text(&self.model)), format!("seed = {}", self.seed)];
        lines.extend(self.nodes.map(|n| format!("nodes = {n}")));
        lines.extend(self.clients.map(|n| format!("clients = {n}")));
        let zones = self.zones.iter().map(|(name, nodes)| (name, texts(nodes)));
        lines.extend((!self.zones.is_empty()).then(|| format!("zones = {{ {} }}", pairs(zones))));
        let settings = self.settings.iter().map(|(name, value)| (name, text(value)));
        lines.extend((!self.settings.is_empty()).then(|| format!("settings = {{ {} }}", pairs(settings))));
        lines.extend((!self.start.is_empty()).then(|| format!("start = {}", texts(&self.start))));
        lines
    }

    /// What it is, and each poke with its commands, in Markdown.
    pub(super) fn answer(&self) -> String {
        let poke = |poke: &Poke| format!("**{}.** {}\n\n{}", poke.name, poke.watch, poke.listed());
        let pokes: Vec<String> = self.pokes.iter().map(poke).collect();
        format!("{}\n\n{}", self.about, pokes.join("\n\n"))
    }
}

impl Poke {
    /// Its commands as a list.
    fn listed(&self) -> String {
        self.commands.iter().map(|command| format!("- `{command}`")).collect::<Vec<_>>().join("\n")
    }

    /// The rest of its step, after the text.
    pub(super) fn script(&self) -> Vec<String> {
        let mut lines = vec!["from = \"fresh\"".to_string(), format!("do = {}", texts(&self.commands))];
        lines.extend(self.pace.as_ref().map(|pace| format!("pace = {}", text(pace))));
        lines.extend((!self.panel.is_empty()).then(|| format!("panel = {}", texts(&self.panel))));
        lines.push(format!("marks = [{{ when = {}, text = {} }}]", text(&self.see), text(&self.so)));
        lines
    }

    /// That it ends as is said.
    pub(super) fn claim(&self) -> [String; 4] {
        let says = format!("says = {}", text(&self.so));
        ["[[claim]]".to_string(), says, format!("do = {}", texts(&self.commands)), format!("holds = {}", text(&self.see))]
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;
    use crate::cluster::registry::MODELS;
    use crate::lesson::prove::prove;
    use crate::lesson::schema::{MarkAt, StepKind};
    use crate::lesson::{catalogue, sandbox, story};
    use crate::timeline::Brake;

    #[test]
    fn there_is_one_for_each_model_and_each_has_a_name_of_its_own() {
        assert_eq!(complaint(), None);
        let models: BTreeSet<&str> = all().iter().map(|ready| ready.model.as_str()).collect();
        assert_eq!(models, MODELS.iter().map(|model| model.name).collect());
        let names: BTreeSet<&str> = all().iter().map(|ready| ready.id.as_str()).collect();
        assert_eq!(names.len(), all().len());
        assert!(names.iter().all(|name| name.chars().all(|c| c.is_ascii_lowercase() || c == '-')));
    }

    /// Each poke is carried out: play stops where what is promised first holds, and it holds at the end. It may not hold before.
    #[test]
    fn every_poke_does_what_is_said_of_it() {
        let mut wrong = Vec::new();
        for ready in all() {
            let lesson = match catalogue().load(&sandbox::ready_made(ready)) {
                Ok(lesson) => lesson,
                Err(mistakes) => {
                    wrong.extend(mistakes.lines());
                    continue;
                }
            };
            wrong.extend(prove(&lesson).err().into_iter().flat_map(|mistakes| mistakes.lines()));
            let fresh = story::fresh(&lesson, &lesson.scenario, &Brake::bounded()).expect("it starts");
            for step in &lesson.steps[1..] {
                let [mark] = &step.marks[..] else { panic!("one promise: {}", step.text) };
                let MarkAt::When(promised) = &mark.when else { panic!("a condition: {}", step.text) };
                if promised.test.holds_in(fresh.cluster()).expect("it can be told") {
                    wrong.push(format!("{}: `{}` holds before anything is done", ready.id, promised.text));
                }
            }
        }
        assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    }

    #[test]
    fn each_has_a_step_that_lists_its_three_pokes() {
        for ready in all() {
            let lesson = catalogue().open(&sandbox::blueprint_id(&ready.id)).expect("it is listed").expect("it reads");
            assert!(matches!(lesson.steps[0].kind, StepKind::Say { lists: true, .. }));
            assert_eq!((lesson.steps.len(), lesson.scenario.model.as_str()), (4, ready.model.as_str()));
        }
    }

    #[test]
    fn sentences_are_short_and_end() {
        for ready in all() {
            for poke in &ready.pokes {
                assert!(poke.name.len() <= 44, "{}", poke.name);
                for sentence in [&poke.watch, &poke.so] {
                    assert!(sentence.ends_with('.') && sentence.split_whitespace().count() <= 32, "{sentence}");
                }
            }
            assert!(ready.about.ends_with('.') && ready.about.split_whitespace().count() <= 30, "{}", ready.about);
        }
    }
}
