//! The file format, described once: every table, every key, what it takes and what it is for. The loader reads by it, its error
//! messages quote it, and `lessons/FORMAT.md` and `assets/lesson.schema.json` are made from it.

mod drill;
mod json;
#[cfg(test)]
pub(crate) mod page;
mod quiz;
#[cfg(test)]
mod schema_tests;
mod step;
#[cfg(test)]
mod tests;

pub(super) use drill::{BELIEVED, CLINIC, CURE, DIAGNOSE, DRILL, OUTCOME, PREDICT_DRILL};
pub use json::schema;
pub(super) use quiz::{CHOICE, ITEM, NUMBER, ORDER, PREDICT_QUIZ, QUIZ, RECALL, SEVERAL, WRONG_NUMBER};
pub(super) use step::{BECAUSE, CLAUSE, COLUMN, COMPARE, DESIGN, MARK, MEASURE, MISS, OPTION, PREDICT, RUN_DESIGN, SAY, STEP, TRY};

/// What a key takes.
#[derive(Clone, Copy)]
pub(crate) enum Kind {
    /// Plain words.
    Text,
    /// Markdown, with names in double braces that are filled in.
    Prose,
    /// Lower-case letters, digits and `-`.
    Id,
    /// A length of time.
    Length,
    /// A condition over facts and guarantees.
    Condition,
    /// The name of a fact that is a number.
    Fact,
    /// A list of commands.
    Script,
    /// A list of lists of commands.
    Scripts,
    /// A list of texts.
    Texts,
    /// Two numbers, the lower one first.
    Interval,
    /// One of these words.
    Word(&'static [&'static str]),
    /// A whole number.
    Whole(u64, u64),
    /// Any number.
    Number,
    /// `true` or `false`.
    Flag,
    /// A table.
    One(&'static Table),
    /// A list of tables.
    Many(&'static Table),
    /// Tables by name.
    Named(&'static Table),
    /// Scripts by name.
    NamedScripts,
    /// Values by the name of a setting.
    Settings,
    /// Lists of nodes by the name of a zone.
    Zones,
    /// Lists of values by name.
    Values,
    /// A list of texts or numbers.
    Scalars,
    /// One of two.
    Either(&'static Kind, &'static Kind),
}

/// One key of a table.
pub(crate) struct Key {
    pub(crate) name: &'static str,
    /// Whether it has to be there. Where it depends on something, the sentence says on what.
    pub(crate) needed: bool,
    pub(crate) kind: Kind,
    /// What it is: follows "needs `key`:" in messages.
    pub(crate) about: &'static str,
}

/// A table of the format.
pub(crate) struct Table {
    /// What it is, for messages: `a try step`.
    pub(crate) what: &'static str,
    /// Its keys, in groups that tables share.
    pub(crate) keys: &'static [&'static [Key]],
}

impl Table {
    /// Every key.
    pub(crate) fn all(&self) -> impl Iterator<Item = &'static Key> + Clone {
        self.keys.iter().copied().flatten()
    }

    /// A key by name.
    pub(crate) fn key(&self, name: &str) -> Option<&'static Key> {
        self.all().find(|key| key.name == name)
    }
}

/// A key that has to be there.
pub(crate) const fn need(name: &'static str, kind: Kind, about: &'static str) -> Key {
    Key { name, needed: true, kind, about }
}

/// A key that may be there.
pub(crate) const fn may(name: &'static str, kind: Kind, about: &'static str) -> Key {
    Key { name, needed: false, kind, about }
}

/// The whole file.
pub(super) static LESSON: Table = Table {
    what: "a lesson",
    keys: &[&[
        need("id", Kind::Id, "its name everywhere: lower-case letters, digits and `-`"),
        need("title", Kind::Text, "a short name"),
        need("question", Kind::Text, "what the learner can answer afterwards"),
        need(
            "chapter",
            Kind::Text,
            "the id of a chapter: one in `lessons/topics.toml`, one in a `topics.toml` of your folder, or the name of your folder",
        ),
        may("after", Kind::Texts, "the ids of topics to know first"),
        need("sources", Kind::Texts, "what the answer rests on: books, papers, documentation"),
        may("pace", Kind::Length, "how much virtual time passes in one second at speed 1x, `\"10us\"` to `\"1d\"`; `\"50ms\"` unless said"),
        need("answer", Kind::Prose, "the answer, in Markdown. It opens after one attempt, or on request"),
        may("remember", Kind::Prose, "the one sentence to keep, which the end card says"),
        may("correction", Kind::Many(&CORRECTION), "where study notes err or stop short"),
        need("cluster", Kind::One(&CLUSTER), "the cluster that the lesson runs on"),
        may("variant", Kind::Named(&VARIANT), "clusters that differ from it, by name"),
        may("script", Kind::NamedScripts, "lists of commands, by name"),
        need("step", Kind::Many(&STEP), "what learners walk through, in order"),
        may("claim", Kind::Many(&CLAIM), "sentences of the answer that runs confirm"),
        may("quiz", Kind::Many(&QUIZ), "questions"),
        may("drill", Kind::Many(&DRILL), "runs that are drawn anew each time they are asked"),
    ]],
};

/// A correction of what study notes say.
pub(super) static CORRECTION: Table = Table {
    what: "a correction",
    keys: &[&[
        need("kind", Kind::Word(&CORRECTIONS), "`\"wrong\"` (not so), `\"loose\"` (not always so, or said too loosely) or `\"missing\"`"),
        may("notes", Kind::Text, "what the notes say, in short; needed unless something is missing"),
        need("right", Kind::Text, "what is right"),
        need("see", Kind::Text, "the `id` of the step where it can be seen"),
    ]],
};

/// The kinds of corrections.
pub(super) const CORRECTIONS: [&str; 3] = ["wrong", "loose", "missing"];

/// What a variant may change.
pub(super) const CHANGES: &[Key] = &[
    may("model", Kind::Text, "the kind of cluster (`splitbrain models`); another one takes over no settings"),
    may("nodes", Kind::Whole(1, 1000), "how many servers; the model's own number unless said"),
    may("clients", Kind::Whole(0, 1000), "how many clients; the model's own number unless said"),
    may("zones", Kind::Zones, "places by name: `zones = { eu = [\"n1\", \"c1\"], us = [\"n2\", \"n3\"] }`"),
    may("seed", Kind::Whole(0, i64::MAX as u64), "the seed of every random draw; 1 unless said"),
    may("settings", Kind::Settings, "settings that differ from the model's defaults. Numbers, `true` and `false` may stand without quotes"),
];

/// How a table names the variant that it starts from.
pub(super) const FROM_VARIANT: &[Key] =
    &[may("variant", Kind::Text, "the name of a `[variant.NAME]` to start from; `[cluster]` unless said")];

/// The lesson's own cluster.
pub(super) static CLUSTER: Table = Table {
    what: "`[cluster]`",
    keys: &[
        &[may("scenario", Kind::Text, "the name of a `[scenario.NAME]` in the `scenarios.toml` beside the lesson, to start from")],
        CHANGES,
        START,
    ],
};

const START: &[Key] = &[may("start", Kind::Script, "commands done to every fresh cluster of this lesson before the learner sees it")];

/// A variant by name.
pub(super) static VARIANT: Table = Table { what: "a variant", keys: &[FROM_VARIANT, CHANGES] };

/// A file of scenarios that the lessons of a folder share.
pub(super) static SCENARIOS: Table = Table {
    what: "a list of scenarios",
    keys: &[&[need("scenario", Kind::Named(&SCENARIO), "clusters by name, with the keys of `[cluster]`")]],
};

/// One of them.
pub(super) static SCENARIO: Table = Table { what: "a scenario", keys: &[CHANGES, START] };

/// A sentence of the answer.
pub(super) static CLAIM: Table = Table {
    what: "a claim",
    keys: &[
        &[
            need("says", Kind::Prose, "the sentence that the run confirms"),
            may("do", Kind::Script, "the script, on a fresh cluster"),
            may("holds", Kind::Condition, "a condition at the end"),
            may("never", Kind::Condition, "a condition that holds at no moment of the run"),
            may(
                "seeds",
                Kind::Whole(1, 1000),
                "with how many seeds it is run, counted up from the seed; 1 unless said. It has to hold in all of them, unless `share` says otherwise",
            ),
            may("share", Kind::Interval, "two numbers from 0 to 1: `holds` is true in at least and at most this share of the seeds"),
            may("mean", Kind::One(&MEAN), "a fact whose mean over the seeds lies between two numbers"),
        ],
        FROM_VARIANT,
        CHANGES,
    ],
};

/// A mean over seeds.
pub(super) static MEAN: Table = Table {
    what: "a mean",
    keys: &[&[
        need("fact", Kind::Fact, "the fact: `\"apply_ms_mean\"`, `\"lag_entries.n2\"`"),
        need("between", Kind::Interval, "two numbers, the lower one first"),
    ]],
};

/// A list of topics.
pub(super) static TOPICS: Table =
    Table { what: "a list of topics", keys: &[&[need("chapter", Kind::Many(&CHAPTER), "the chapters, in the order of the home screen")]] };

/// A chapter of it.
pub(super) static CHAPTER: Table = Table {
    what: "a chapter",
    keys: &[&[
        need("id", Kind::Id, "its name: lower-case letters, digits and -"),
        need("title", Kind::Text, "its name on the screen"),
        need("topics", Kind::Many(&TOPIC), "what there is to learn"),
    ]],
};

/// A topic of it.
pub(super) static TOPIC: Table = Table {
    what: "a topic",
    keys: &[&[
        need("id", Kind::Id, "its name: lower-case letters, digits and -"),
        need("title", Kind::Text, "a short name"),
        need("question", Kind::Text, "the question, in short"),
        may("aliases", Kind::Texts, "other names for it, by which it is found"),
        may("opens", Kind::Flag, "whether who has learnt nothing yet is offered this one first"),
    ]],
};
