//! The tables of steps.

use super::{CHANGES, FROM_VARIANT, Key, Kind, Table, may, need};

/// Any step, before its kind is known.
pub(in crate::lesson) static STEP: Table = Table { what: "a step", keys: &[KIND, &[], COMMON] };

const KIND: &[Key] = &[need(
    "kind",
    Kind::Word(&["say", "predict", "try", "compare", "measure"]),
    "`\"say\"`, `\"predict\"`, `\"try\"`, `\"compare\"` or `\"measure\"`",
)];

/// What every step has.
const COMMON: &[Key] = &[
    need("text", Kind::Prose, "what the learner reads; at most 40 words on the first step"),
    need("id", Kind::Id, "its name in this lesson: corrections and questions point to it, and a learner's progress is kept under it"),
    may("notes", Kind::Text, "what only a presenter reads"),
    may("pace", Kind::Length, "virtual time in one second at this step: 25 ms for messages, 250 ms for queues, days for repairs"),
    may("chart", Kind::Texts, "facts to draw as a chart over time"),
    may("panel", Kind::Texts, "titles of the panels to show first; `chart` is the chart of the step"),
    may(
        "show",
        Kind::Texts,
        "nodes, keys, and rows of panels by what stands first in them, that stay in sight however many there are, the first of them before the others",
    ),
];

/// Where a step starts.
const ORIGIN: &[Key] = &[may(
    "from",
    Kind::Word(&["here", "fresh"]),
    "`\"here\"`: go on from the story so far; `\"fresh\"`: on a new cluster, and then the keys of a variant are allowed. Unless said, `say` and `predict` go on and `try` starts fresh",
)];

const MARKS: &[Key] = &[may("marks", Kind::Many(&MARK), "moments at which play stops")];

/// A step that tells.
pub(in crate::lesson) static SAY: Table = Table {
    what: "a say step",
    keys: &[
        KIND,
        &[
            may("do", Kind::Script, "what happens while the learner watches"),
            may(
                "lists",
                Kind::Flag,
                "whether the card lists the steps that follow, each with a digit that leads there; a line of its text is its name",
            ),
        ],
        MARKS,
        COMMON,
        ORIGIN,
        FROM_VARIANT,
        CHANGES,
    ],
};

/// A step that asks first.
pub(in crate::lesson) static PREDICT: Table = Table {
    what: "a predict step",
    keys: &[
        KIND,
        &[
            need("options", Kind::Many(&OPTION), "the answers to choose from, two or more, exactly one of them right"),
            need("then", Kind::Script, "what happens once an answer is chosen"),
            may("chance", Kind::Fact, "for a question of chance: the fact whose values in 20 runs with other seeds are shown afterwards"),
        ],
        MARKS,
        COMMON,
        ORIGIN,
        FROM_VARIANT,
        CHANGES,
    ],
};

/// A step with a goal.
pub(in crate::lesson) static TRY: Table = Table {
    what: "a try step",
    keys: &[
        KIND,
        &[
            need(
                "goal",
                Kind::Either(&Kind::Condition, &Kind::Many(&CLAUSE)),
                "what is to be brought about: a condition, or a list of clauses that have to hold at the same time; false at the start",
            ),
            may("hints", Kind::Texts, "none, or exactly three: where to look, which principle, what to do next"),
            may("start", Kind::Script, "commands done before the learner gets the cluster"),
            may(
                "network",
                Kind::Flag,
                "whether the learner is the network: after `start` comes `hold all`, so that messages wait until they are chosen, and what can happen next is listed",
            ),
            need(
                "solution",
                Kind::Script,
                "commands that reach the goal, with no poke after it is reached. Its number of pokes is the \"best known\"",
            ),
            may("ways", Kind::Scripts, "other scripts that reach the goal"),
            may("misses", Kind::Many(&MISS), "what comes near and does not reach the goal"),
            need(
                "because",
                Kind::Either(&Kind::Prose, &Kind::Many(&BECAUSE)),
                "why it works, told when the goal is reached: a text, or a list of them with the runs that each is true of",
            ),
        ],
        COMMON,
        ORIGIN,
        FROM_VARIANT,
        CHANGES,
    ],
};

/// A step with two designs.
pub(in crate::lesson) static COMPARE: Table = Table {
    what: "a compare step",
    keys: &[
        KIND,
        &[
            need("a", Kind::One(&DESIGN), "one of the two designs"),
            need("b", Kind::One(&DESIGN), "one of the two designs"),
            need("do", Kind::Script, "the pokes that both get, on fresh clusters"),
            may("look", Kind::Prose, "what to look at"),
            need("because", Kind::Prose, "why the two differ"),
        ],
        COMMON,
    ],
};

/// A step with a table of runs.
pub(in crate::lesson) static MEASURE: Table = Table {
    what: "a measure step",
    keys: &[
        KIND,
        &[
            may("do", Kind::Script, "the script of every run, on a fresh cluster; needed where `a` and `b` do not bring their own"),
            need(
                "over",
                Kind::Values,
                "what is varied, one thing or two: values by name of a setting, of `nodes`, `clients`, `model`, `variant` or `seed`, or of a word that stands in double braces in the scripts: `{ load = [\"5/s\", \"9/s\"] }`",
            ),
            may("a", Kind::One(&RUN_DESIGN), "the first of two designs side by side"),
            may("b", Kind::One(&RUN_DESIGN), "the second"),
            need("columns", Kind::Many(&COLUMN), "what is read off each run"),
            may(
                "seeds",
                Kind::Whole(1, 200),
                "how many runs each number comes from: it is their mean, and the least and the most are shown; 1 unless said",
            ),
            need(
                "holds",
                Kind::Either(&Kind::Text, &Kind::Texts),
                "what has to be so across the rows: conditions that name a row in brackets, `lost[\"async\"] > lost[\"majority\"]`, or `lost rises`, `lost falls`",
            ),
            may("look", Kind::Prose, "what to look at"),
            need("because", Kind::Prose, "why the rows are as they are"),
        ],
        COMMON,
        FROM_VARIANT,
        CHANGES,
    ],
};

/// A column of a measured table.
pub(in crate::lesson) static COLUMN: Table = Table {
    what: "a column",
    keys: &[&[
        need("name", Kind::Text, "its name in the table and in `holds`: letters, digits and `_`"),
        may("fact", Kind::Fact, "the fact that it shows; this or `share`"),
        may("share", Kind::Condition, "or a condition: the share of the runs in which it holds at the end, in per cent"),
        may("unit", Kind::Text, "what it counts: `\"ms\"`, `\"writes\"`"),
        may("bar", Kind::Flag, "whether it is drawn as bars; the first column is unless another says so"),
    ]],
};

/// A design of a comparison.
pub(in crate::lesson) static DESIGN: Table = Table {
    what: "a design",
    keys: &[
        &[need("name", Kind::Text, "its name on the screen"), may("holds", Kind::Condition, "a condition at the end")],
        FROM_VARIANT,
        CHANGES,
    ],
};

/// A design that is measured.
pub(in crate::lesson) static RUN_DESIGN: Table = Table {
    what: "a measured design",
    keys: &[
        &[need("name", Kind::Text, "its name in the table"), may("do", Kind::Script, "its own script, in place of the step's")],
        FROM_VARIANT,
        CHANGES,
    ],
};

/// A moment at which play stops.
pub(in crate::lesson) static MARK: Table = Table {
    what: "a mark",
    keys: &[&[
        may("after", Kind::Length, "how long after the step began; this or `when`"),
        may("when", Kind::Condition, "or the condition that holds there for the first time"),
        may("text", Kind::Prose, "what to read there"),
    ]],
};

/// An answer to choose.
pub(in crate::lesson) static OPTION: Table = Table {
    what: "an option",
    keys: &[&[
        need("text", Kind::Prose, "the answer"),
        need("why", Kind::Prose, "why it is right, or what is wrong with it"),
        may("right", Kind::Flag, "whether it is right"),
        may("see", Kind::Condition, "a condition that holds after the run exactly if this answer is right"),
        may("belief", Kind::Id, "the misconception that a wrong answer stands for, such as `m29`: the end card comes back to it"),
    ]],
};

/// One part of a goal.
pub(in crate::lesson) static CLAUSE: Table = Table {
    what: "a clause",
    keys: &[&[
        need("that", Kind::Condition, "the condition"),
        may("say", Kind::Prose, "the condition in words, as it stands in the checklist; the sentence of the first fact unless said"),
    ]],
};

/// A near miss.
pub(in crate::lesson) static MISS: Table = Table {
    what: "a miss",
    keys: &[&[
        need("do", Kind::Script, "commands that come near and must not reach the goal, not even on the way"),
        may("when", Kind::Condition, "the condition by which it is recognised in what a learner does; play stops there"),
        may("say", Kind::Prose, "what the learner is told there; with `when`"),
        may("ends", Kind::Flag, "whether the goal cannot be reached any more from there; then the card shows the way back"),
    ]],
};

/// Why it works.
pub(in crate::lesson) static BECAUSE: Table = Table {
    what: "a reason",
    keys: &[&[
        may(
            "when",
            Kind::Condition,
            "the condition that holds, where the goal is reached, in the runs that this is true of; the last may have none",
        ),
        need("text", Kind::Prose, "why it works"),
    ]],
};
