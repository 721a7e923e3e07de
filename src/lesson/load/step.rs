//! The `[[step]]` tables.

use crate::cluster::Scenario;
use crate::cluster::scene::Scene;
use crate::sim::id::NodeId;

use crate::lesson::format::{self, Table};
use crate::lesson::question::Fact;
use crate::lesson::reader::{At, Fields};
use crate::lesson::schema::{Alternative, CHART, Compare, Mark, MarkAt, Origin, Script, Side, Step, StepKind, View};

use super::parts::Right;
use super::{Loader, MARKS, PACES};

/// The most words of instruction on the first step, so that the first screen needs no scrolling.
const FIRST_WORDS: usize = 40;

/// The kinds of steps, and the keys of each.
const KINDS: [(&str, &Table); 5] = [
    ("say", &format::SAY),
    ("predict", &format::PREDICT),
    ("try", &format::TRY),
    ("compare", &format::COMPARE),
    ("measure", &format::MEASURE),
];

impl<'n, 'a> Loader<'n, 'a> {
    pub(super) fn steps(&self, fields: &Fields<'n, 'a>, base: &Scenario) -> Vec<Step> {
        let tables = fields.tables("step", &format::STEP);
        fields.need("step", (!tables.is_empty()).then_some(()));
        let mut story = base.clone();
        let mut steps = Vec::new();
        for (index, table) in tables.into_iter().enumerate() {
            if index == 0 {
                self.first_is_short(&table);
            }
            if let Some(id) = table.text_if("id") {
                self.new_id(&id, index);
            }
            if let Some(step) = self.step(table, base, &story) {
                if let (Origin::Fresh(scenario), StepKind::Say { .. } | StepKind::Predict { .. }) = (&step.origin, &step.kind) {
                    story = scenario.clone();
                }
                steps.push(step);
            }
        }
        steps
    }

    fn first_is_short(&self, fields: &Fields<'n, 'a>) {
        let Some(text) = fields.get("text").filter(|v| v.get_ref().is_str()) else { return };
        let words = text.get_ref().as_str().map_or(0, |t| t.split_whitespace().count());
        if words > FIRST_WORDS {
            let message = format!("the first step has {words} words; {FIRST_WORDS} are the most");
            self.notes.mistake(&text.span(), message, "say the rest in a later step");
        }
    }

    fn new_id(&self, id: &At<String>, index: usize) {
        self.check_id(id);
        let mut ids = self.ids.take();
        if ids.insert(id.value.clone(), index).is_some() {
            self.notes.mistake(&id.at, format!("two steps have the id `{}`", id.value), "");
        }
        self.ids.set(ids);
    }

    fn step(&self, mut fields: Fields<'n, 'a>, base: &Scenario, story: &Scenario) -> Option<Step> {
        let (word, shape) = self.word(&fields, "kind", &KINDS.map(|(word, shape)| (word, (word, shape))))?;
        fields.is(shape);
        let id = fields.need("id", fields.text_if("id")).map(|t| t.value);
        let notes = fields.text_if("notes").map(|t| t.value);
        let origin = self.origin(&fields, word, base);
        let scenario = if let Origin::Fresh(scenario) = &origin { scenario } else { story };
        let text = self.prose(&fields, "text", scenario);
        let pace = self.span(&fields, "pace", PACES);
        let marks = self.marks(&fields, word, scenario);
        let at = fields.at.clone();
        let network = word == "try" && fields.flag("network");
        let kind = match word {
            "say" => Some(StepKind::Say { script: self.script(&fields, "do", scenario), lists: fields.flag("lists") }),
            "predict" => Some(self.predict(&fields, scenario)),
            "try" => self.try_step(&fields, scenario),
            "compare" => self.compare(&fields, scenario),
            _ => Some(self.measure(&fields, base, scenario)),
        };
        let view = View { network, ..self.view(&fields, scenario, kind.as_ref()) };
        fields.done();
        Some(Step { id: id?, text, notes, origin, pace, view, marks, kind: kind?, at })
    }

    /// What a step wants to be seen, of its cluster or of those that it compares or measures.
    fn view(&self, fields: &Fields<'n, 'a>, scenario: &Scenario, kind: Option<&StepKind>) -> View {
        let seen: Vec<&Scenario> = match kind {
            Some(StepKind::Compare(compare)) => vec![&compare.a.scenario, &compare.b.scenario],
            Some(StepKind::Measure(measure)) => measure.rows.iter().map(|row| &row.run.scenario).collect(),
            _ => vec![scenario],
        };
        let chart: Vec<Fact> = fields.texts("chart").into_iter().filter_map(|name| self.charted(&name, scenario)).collect();
        let panels = self.panels(fields, scenario, !chart.is_empty());
        let shown = fields.texts("show");
        let show_at = shown.iter().map(|name| name.at.clone()).collect();
        let show = shown.into_iter().map(|name| self.shown(name, &seen)).collect();
        View { chart, panels, show, show_at, network: false }
    }

    /// A fact that is kept over time.
    fn charted(&self, name: &At<String>, scenario: &Scenario) -> Option<Fact> {
        let fact = self.fact_named(name, scenario)?;
        let series = self.model(scenario)?.series;
        if !series.contains(&fact.name.as_str()) {
            let help =
                if series.is_empty() { "this model keeps none".to_string() } else { format!("those that have one: {}", series.join(", ")) };
            self.notes.mistake(&name.at, format!("`{}` has no series to chart", fact.name), help);
        }
        Some(fact)
    }

    /// Titles of panels that the cluster has, and of the charts of the step, where it is `charted`.
    fn panels(&self, fields: &Fields<'n, 'a>, scenario: &Scenario, charted: bool) -> Vec<String> {
        let asked = fields.texts("panel");
        let started = if asked.is_empty() { None } else { self.model(scenario).and_then(|model| (model.start)(scenario).ok()) };
        if let Some(cluster) = started {
            let mut scene = Scene::default();
            cluster.scene(cluster.now(), &mut scene);
            let charts = charted.then_some(CHART);
            let titles: Vec<&str> = scene.panels.iter().map(|panel| panel.title.as_str()).chain(charts).collect();
            for title in asked.iter().filter(|title| !titles.contains(&title.value.as_str())) {
                let has = if titles.is_empty() { "it has none".to_string() } else { format!("it has {}", titles.join(", ")) };
                self.notes.mistake(&title.at, format!("{} has no panel `{}`", scenario.model, title.value), has);
            }
        }
        asked.into_iter().map(|title| title.value).collect()
    }

    /// A node that is there in one of these clusters, or a key.
    fn shown(&self, name: At<String>, seen: &[&Scenario]) -> String {
        let is_there = |node: NodeId, scenario: &&Scenario| {
            self.model(scenario).is_none_or(|model| {
                let (servers, clients) = (scenario.nodes.unwrap_or(model.nodes.0), scenario.clients.unwrap_or(model.clients.0));
                node.index() < usize::from(if node.is_client() { clients } else { servers })
            })
        };
        if let Ok(node) = name.value.parse::<NodeId>()
            && !seen.is_empty()
            && !seen.iter().any(|scenario| is_there(node, scenario))
        {
            self.notes.mistake(&name.at, format!("there is no node `{node}`"), "");
        }
        name.value
    }

    /// `from`, and the keys of a variant, which need a fresh cluster.
    fn origin(&self, fields: &Fields<'n, 'a>, word: &str, base: &Scenario) -> Origin {
        if word == "compare" || word == "measure" {
            return Origin::Fresh(if word == "measure" { self.variant(fields, base) } else { base.clone() });
        }
        let from = fields.text_if("from");
        if let Some(from) = from.as_ref().filter(|f| !["here", "fresh"].contains(&f.value.as_str())) {
            let help = "`here` goes on from the story so far, `fresh` starts a new cluster";
            self.notes.mistake(&from.at, format!("a step does not start from `{}`", from.value), help);
        }
        let fresh = from.map_or(word == "try", |f| f.value == "fresh");
        if fresh {
            return Origin::Fresh(self.variant(fields, base));
        }
        for key in format::CHANGES.iter().chain(format::FROM_VARIANT).map(|key| key.name) {
            if let Some(value) = fields.get(key) {
                let help = "add from = \"fresh\", or use the command `set`";
                self.notes.mistake(&value.span(), format!("`{key}` needs a fresh cluster"), help);
            }
        }
        Origin::Here
    }

    fn marks(&self, fields: &Fields<'n, 'a>, word: &str, scenario: &Scenario) -> Vec<Mark> {
        if !["say", "predict"].contains(&word) {
            return Vec::new();
        }
        fields.tables("marks", &format::MARK).into_iter().filter_map(|f| self.mark(f, scenario)).collect()
    }

    fn mark(&self, fields: Fields<'n, 'a>, scenario: &Scenario) -> Option<Mark> {
        let after = self.span(&fields, "after", MARKS).map(MarkAt::After);
        let when = self.cond_if(&fields, "when", scenario).map(MarkAt::When);
        if fields.get("after").is_some() == fields.get("when").is_some() {
            let message = "a mark needs either `after` (a time since the step began) or `when` (a condition)";
            self.notes.mistake(&fields.at, message, "");
        }
        let text = self.prose_if(&fields, "text", scenario);
        let at = fields.at.clone();
        fields.done();
        Some(Mark { when: after.or(when)?, text, at })
    }

    fn predict(&self, fields: &Fields<'n, 'a>, scenario: &Scenario) -> StepKind {
        let options = self.options(fields, scenario, Right::One);
        self.right_is_seen(&options);
        let then = self.needed_script(fields, "then", scenario);
        self.waits_for_no_answer(&then, &options);
        StepKind::Predict { options, then, chance: self.fact(fields, "chance", scenario) }
    }

    /// A run that waits for what an answer is recognised by would wait for its own answer.
    pub(super) fn waits_for_no_answer(&self, then: &Script, options: &[Alternative]) {
        let answered: Vec<&str> = options.iter().filter_map(|o| o.see.as_ref()).flat_map(|see| see.test.names()).collect();
        for line in &then.lines {
            let Some(until) = &line.until else { continue };
            if let Some(fact) = until.names().find(|name| answered.contains(name)) {
                let message = format!("this waits for `{fact}`, by which an answer is recognised: the run would contain its own answer");
                self.notes.mistake(&line.at, message, "wait for something else, or use `run`");
            }
        }
    }

    fn compare(&self, fields: &Fields<'n, 'a>, base: &Scenario) -> Option<StepKind> {
        let a = self.side(fields, "a", base);
        let b = self.side(fields, "b", base);
        let script = self.common_script(fields, a.as_ref(), b.as_ref());
        let look = self.prose_if(fields, "look", base);
        let because = self.prose(fields, "because", base);
        let (a, b) = (a?, b?);
        self.speaks_of_all(fields, base, &[&a.scenario, &b.scenario]);
        if a.scenario == b.scenario {
            self.notes.mistake(&b.at, "the two designs are the same", "give one of them other `settings`");
        }
        if a.name == b.name {
            self.notes.mistake(&b.at, "the two designs have the same name", "");
        }
        Some(StepKind::Compare(Box::new(Compare { a, b, script, look, because })))
    }

    /// The commands that both designs get; their conditions have to make sense on both.
    fn common_script(&self, fields: &Fields<'n, 'a>, a: Option<&Side>, b: Option<&Side>) -> Script {
        match (a, b) {
            (Some(a), Some(b)) if a.scenario.model != b.scenario.model => {
                self.script(fields, "do", &b.scenario);
                self.needed_script(fields, "do", &a.scenario)
            }
            (Some(side), _) | (_, Some(side)) => self.needed_script(fields, "do", &side.scenario),
            (None, None) => Script::default(),
        }
    }

    fn side(&self, fields: &Fields<'n, 'a>, key: &'static str, base: &Scenario) -> Option<Side> {
        let table = fields.need(key, fields.table(key, &format::DESIGN))?;
        let name = table.text("name").value;
        let scenario = self.variant(&table, base);
        if let Some(seed) = table.get("seed") {
            self.notes.mistake(&seed.span(), "both designs run with the same seed", "set it in [cluster]");
        }
        let holds = self.cond_if(&table, "holds", &scenario);
        let at = table.at.clone();
        table.done();
        Some(Side { name, scenario, holds, at })
    }
}
