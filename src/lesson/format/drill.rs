//! The tables of drills.

use super::step::{BECAUSE, OPTION};
use super::{CHANGES, FROM_VARIANT, Key, Kind, Table, may, need};

/// Any drill, before its kind is known.
pub(in crate::lesson) static DRILL: Table = Table { what: "a drill", keys: &[KIND, COMMON] };

const KIND: &[Key] = &[need("kind", Kind::Word(&["predict", "diagnose", "clinic"]), "`\"predict\"`, `\"diagnose\"` or `\"clinic\"`")];

/// What every drill has.
const COMMON: &[Key] = &[
    need("id", Kind::Id, "its name, among those of the questions; answers are kept under it"),
    need("text", Kind::Prose, "what is asked; for a clinic the report, in a user's words"),
    may("tags", Kind::Texts, "words by which it is found beside its topic"),
    may(
        "vary",
        Kind::Values,
        "values by name, up to three things: a name that is a setting, `nodes`, `clients` or `variant` is set, any other stands in double braces in the texts and scripts",
    ),
    may("do", Kind::Script, "what has happened before anything is asked, on a fresh cluster with a seed of its own each time"),
];

macro_rules! drill {
    ($name:ident, $what:literal, $keys:expr) => {
        /// A kind of drill.
        pub(in crate::lesson) static $name: Table = Table { what: $what, keys: &[KIND, $keys, COMMON, FROM_VARIANT, CHANGES] };
    };
}

drill!(
    PREDICT_DRILL,
    "a predict drill",
    &[
        need("then", Kind::Script, "what happens once an answer is given"),
        may("outcomes", Kind::Many(&OUTCOME), "what can come of it: in each run exactly one of them. This, `fact` or `told`"),
        may("fact", Kind::Fact, "or the fact whose value at the end is asked for"),
        may("unit", Kind::Text, "what that counts"),
        may("told", Kind::Text, "or the client of whom is asked what it is told last: `\"c2\"`"),
        may(
            "because",
            Kind::Either(&Kind::Prose, &Kind::Many(&BECAUSE)),
            "with `fact` or `told`: why it is so, for the runs that each reason is true of"
        ),
        may("believed", Kind::Many(&BELIEVED), "what people believe would come of it, and never does"),
    ]
);
drill!(DIAGNOSE, "a diagnose drill", &[]);
drill!(
    CLINIC,
    "a clinic drill",
    &[
        need("options", Kind::Many(&OPTION), "what it can be; exactly one is `right`"),
        need("moment", Kind::Condition, "the condition that first holds at the moment at which it happened"),
        need("moment-why", Kind::Prose, "why that is the moment"),
        need("cures", Kind::Many(&CURE), "what may help, from the smallest price to the greatest; the first that cures is the right one"),
        need("cured", Kind::Condition, "the condition that holds at the end of the same run where it is cured"),
    ]
);

/// One thing that can come of a run.
pub(in crate::lesson) static OUTCOME: Table = Table {
    what: "an outcome",
    keys: &[&[
        need("text", Kind::Prose, "what comes of it"),
        need("see", Kind::Condition, "the condition that holds at the end of the runs that it comes of, and of no others"),
        need("because", Kind::Either(&Kind::Prose, &Kind::Many(&BECAUSE)), "why, for the runs that each reason is true of"),
    ]],
};

/// What people believe.
pub(in crate::lesson) static BELIEVED: Table = Table {
    what: "a belief",
    keys: &[&[
        need("text", Kind::Prose, "what people believe would come of it"),
        need("why", Kind::Prose, "what is wrong with it"),
        may("belief", Kind::Id, "the misconception that it stands for"),
    ]],
};

/// Something that may cure.
pub(in crate::lesson) static CURE: Table = Table {
    what: "a cure",
    keys: &[&[
        need("text", Kind::Prose, "what it is"),
        need("do", Kind::Script, "what is done before the run begins, such as `set replication majority`"),
        need("why", Kind::Prose, "what it does, and its price"),
    ]],
};
