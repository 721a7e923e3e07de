//! A cluster without a lesson: one step, in which everything can be tried. Every model has one.

use crate::cluster::model::Model;
use crate::cluster::{Scenario, registry};
use crate::sim::id::NodeId;

use super::source::Source;
use super::topics::{Chapter, Topic};

/// The chapter of the sandboxes.
pub const CHAPTER: &str = "sandbox";

/// The id of the sandbox of a model: `sandbox-replicated`.
pub fn id(model: &str) -> String {
    format!("{CHAPTER}-{model}")
}

/// Whether this is the id of a sandbox.
pub fn is_id(id: &str) -> bool {
    id.strip_prefix(CHAPTER).is_some_and(|rest| rest.starts_with('-'))
}

/// The sandboxes as a chapter of their own.
pub fn chapter(models: &[&Model]) -> Chapter {
    let topic = |model: &&Model| Topic {
        id: id(model.name),
        title: model.name.to_string(),
        question: model.about.to_string(),
        aliases: Vec::new(),
        opens: false,
    };
    Chapter { id: CHAPTER.to_string(), title: "Sandbox".to_string(), topics: models.iter().map(topic).collect() }
}

/// The sandbox of a scenario as the text of a lesson.
pub fn source(scenario: &Scenario) -> Source {
    let Some(model) = registry::model(&scenario.model) else { return Source::new(&id(&scenario.model), "") };
    let mut lines = vec![
        format!("id = {}", text(&id(model.name))),
        format!("title = {}", text(&format!("Sandbox: {}", model.name))),
        format!("question = {}", text("What happens if ...?")),
        format!("chapter = {}", text(CHAPTER)),
        format!("sources = [{}]", text(model.about)),
        format!("answer = {}", text(&answer(model))),
        format!("pace = {}", text(&model.pace.to_string())),
        "[cluster]".to_string(),
        format!("model = {}", text(&scenario.model)),
        format!("seed = {}", scenario.seed),
    ];
    lines.extend(scenario.nodes.map(|n| format!("nodes = {n}")));
    lines.extend(scenario.clients.map(|n| format!("clients = {n}")));
    lines.extend((!scenario.zones.is_empty()).then(|| format!("zones = {{ {} }}", pairs(scenario.zones.iter().map(zone)))));
    lines.extend((!scenario.settings.is_empty()).then(|| format!("settings = {{ {} }}", pairs(scenario.settings.iter().map(setting)))));
    lines.extend([
        "[[step]]".to_string(),
        "kind = \"say\"".to_string(),
        "id = \"play\"".to_string(),
        format!("text = {}", text(&welcome(model))),
    ]);
    Source::new(&id(model.name), &(lines.join("\n") + "\n"))
}

fn zone((name, nodes): &(String, Vec<NodeId>)) -> String {
    let nodes: Vec<String> = nodes.iter().map(|node| text(&node.to_string())).collect();
    format!("{} = [{}]", text(name), nodes.join(", "))
}

fn setting((name, value): &(String, String)) -> String {
    format!("{} = {}", text(name), text(value))
}

fn pairs(all: impl Iterator<Item = String>) -> String {
    all.collect::<Vec<_>>().join(", ")
}

/// What stands on the card.
fn welcome(model: &Model) -> String {
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

/// A text of TOML: its escapes are those of JSON.
fn text(text: &str) -> String {
    serde_json::Value::from(text).to_string()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::cluster::registry::MODELS;
    use crate::lesson::catalogue;

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
