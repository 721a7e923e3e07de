//! Clusters without a lesson, in which everything can be tried: every model as it is, and systems that are ready-made.

pub mod blueprint;
mod text;

use crate::cluster::model::Model;
use crate::cluster::{Scenario, registry};

use super::source::Source;
use super::topics::{Chapter, Topic};
use blueprint::Blueprint;
use text::{pairs, text, texts};

/// The chapter of the models as they are.
pub const CHAPTER: &str = "sandbox";

/// The chapter of the systems that are ready-made.
pub const BLUEPRINTS: &str = "blueprint";

/// The id of the sandbox of a model: `sandbox-replicated`.
pub fn id(model: &str) -> String {
    format!("{CHAPTER}-{model}")
}

/// The id of the sandbox of a blueprint: `blueprint-redis`.
pub fn blueprint_id(name: &str) -> String {
    format!("{BLUEPRINTS}-{name}")
}

/// Whether this is the id of a sandbox.
pub fn is_id(id: &str) -> bool {
    [CHAPTER, BLUEPRINTS].into_iter().any(|chapter| id.strip_prefix(chapter).is_some_and(|rest| rest.starts_with('-')))
}

/// Whether a chapter is one of sandboxes: there is nothing in it to be learnt to the end.
pub fn is_chapter(chapter: &str) -> bool {
    [CHAPTER, BLUEPRINTS].contains(&chapter)
}

/// Whether a chapter is the program's own: those of the sandbox and of the blueprints.
pub fn is_own_chapter(id: &str) -> bool {
    [CHAPTER, BLUEPRINTS].contains(&id)
}

/// The sandboxes as chapters of their own: what is ready-made, then every model.
pub fn chapters(models: &[&Model]) -> [Chapter; 2] {
    let topic = |id: String, title: &str, about: &str| Topic {
        id,
        title: title.to_string(),
        question: about.to_string(),
        aliases: Vec::new(),
        opens: false,
    };
    let ready = blueprint::all().iter().map(|ready| topic(blueprint_id(&ready.id), &ready.title, &ready.about)).collect();
    let plain = models.iter().map(|model| topic(id(model.name), model.name, model.about)).collect();
    [
        Chapter { id: BLUEPRINTS.to_string(), title: "Blueprints".to_string(), topics: ready },
        Chapter { id: CHAPTER.to_string(), title: "Sandbox".to_string(), topics: plain },
    ]
}

/// The sandbox of a scenario as the text of a lesson.
pub fn source(scenario: &Scenario) -> Source {
    let Some(model) = registry::model(&scenario.model) else { return Source::new(&id(&scenario.model), "") };
    let head = Head { id: &id(model.name), title: &format!("Sandbox: {}", model.name), question: "What happens if ...?" };
    let mut lines = head.lines(CHAPTER, &[model.about], &answer(model), &model.pace.to_string());
    lines.extend(["[cluster]".to_string(), format!("model = {}", text(&scenario.model)), format!("seed = {}", scenario.seed)]);
    lines.extend(scenario.nodes.map(|n| format!("nodes = {n}")));
    lines.extend(scenario.clients.map(|n| format!("clients = {n}")));
    let zones = scenario.zones.iter().map(|(name, nodes)| (name, texts(nodes)));
    lines.extend((!scenario.zones.is_empty()).then(|| format!("zones = {{ {} }}", pairs(zones))));
    let settings = scenario.settings.iter().map(|(name, value)| (name, text(value)));
    lines.extend((!scenario.settings.is_empty()).then(|| format!("settings = {{ {} }}", pairs(settings))));
    lines.extend(step("play", &welcome(model)));
    Source::new(&id(model.name), &(lines.join("\n") + "\n"))
}

/// The sandbox of a blueprint as the text of a lesson: a step that lists its pokes, and one for each of them, on a fresh cluster. That
/// every poke does what is said of it is a claim.
pub fn ready_made(ready: &Blueprint) -> Source {
    let id = blueprint_id(&ready.id);
    let Some(model) = registry::model(&ready.model) else { return Source::new(&id, "") };
    let pace = ready.pace.clone().unwrap_or_else(|| model.pace.to_string());
    let head = Head { id: &id, title: &ready.title, question: "What happens if ...?" };
    let sources: Vec<&str> = ready.sources.iter().map(String::as_str).collect();
    let mut lines = head.lines(BLUEPRINTS, &sources, &format!("{}\n\n{}", ready.answer(), answer(model)), &pace);
    lines.extend(ready.cluster());
    lines.extend(step("pokes", &ready.about));
    lines.push("lists = true".to_string());
    for (number, poke) in ready.pokes.iter().enumerate() {
        lines.extend(step(&format!("poke-{}", number + 1), &format!("{}\n\n{}", poke.name, poke.watch)));
        lines.extend(poke.script());
    }
    lines.extend(ready.pokes.iter().flat_map(blueprint::Poke::claim));
    Source::new(&id, &(lines.join("\n") + "\n"))
}

/// What every lesson begins with.
struct Head<'h> {
    id: &'h str,
    title: &'h str,
    question: &'h str,
}

impl Head<'_> {
    fn lines(&self, chapter: &str, sources: &[&str], answer: &str, pace: &str) -> Vec<String> {
        let texts = [("id", self.id), ("title", self.title), ("question", self.question), ("chapter", chapter)];
        let texts = texts.into_iter().chain([("answer", answer), ("pace", pace)]);
        let lines = texts.map(|(key, value)| format!("{key} = {}", text(value)));
        lines.chain([format!("sources = {}", self::texts(sources))]).collect()
    }
}

/// The first lines of a step that tells something.
fn step(id: &str, what: &str) -> [String; 4] {
    ["[[step]]".to_string(), "kind = \"say\"".to_string(), format!("id = {}", text(id)), format!("text = {}", text(what))]
}

/// What stands on the card where the servers are somebody's programs.
const OUTSIDE: &str = "Your programs are the servers; time is the machine's. {{key type}} types a command, such as `workload c1 5/s` or \
     `crash n1`. The past is a recording: it can be looked at, and nothing can be done there.";

/// What stands on the card.
fn welcome(model: &Model) -> String {
    if registry::is_outside(model.name) {
        return OUTSIDE.to_string();
    }
    let example = model.pokes.first().map_or("crash n1", |(example, _)| example);
    format!(
        "Nothing is asked of you here. Try anything; {{{{key undo}}}} takes it back. With {{{{key type}}}} you type a command, such as \
         `{example}`. {{{{key more}}}} lists more."
    )
}

/// What it is, what is worth a try, what its clients can ask and its operators can do.
fn answer(model: &Model) -> String {
    let verbs = model.language.calls.iter().map(|call| &call.verb).chain(model.language.verbs.iter().map(|own| &own.verb));
    let verbs = verbs.map(|verb| (verb.example, verb.about));
    let lines: Vec<String> = model.pokes.iter().copied().chain(verbs).map(|(example, about)| format!("- `{example}`: {about}")).collect();
    format!("{}\n\n{}", model.about, lines.join("\n"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::cluster::registry::MODELS;
    use crate::lesson::catalogue;
    use crate::sim::id::NodeId;

    #[test]
    fn every_model_has_a_sandbox_that_reads() {
        for model in MODELS {
            let lesson = catalogue().open(&id(model.name)).expect("it is listed").unwrap_or_else(|wrong| panic!("{wrong}"));
            assert_eq!((lesson.scenario.model.as_str(), lesson.steps.len()), (model.name, 1));
        }
    }

    #[test]
    fn what_was_chosen_stays() {
        let model = MODELS[0];
        let (settings, zones) = (vec![("heartbeat".to_string(), "70ms".to_string())], vec![("eu".to_string(), vec![NodeId::server(0)])]);
        let scenario = Scenario { model: model.name.into(), nodes: Some(5), clients: Some(1), zones, settings, seed: 9 };
        let lesson = catalogue().load(&source(&scenario)).unwrap_or_else(|wrong| panic!("{wrong}"));
        assert_eq!(lesson.scenario, scenario);
    }
}
