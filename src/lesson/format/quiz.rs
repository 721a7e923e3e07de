//! The tables of questions.

use super::step::OPTION;
use super::{CHANGES, FROM_VARIANT, Key, Kind, Table, may, need};

/// Any question, before its kind is known.
pub(in crate::lesson) static QUIZ: Table = Table { what: "a question", keys: &[KIND, COMMON] };

const KIND: &[Key] = &[need(
    "kind",
    Kind::Word(&["choice", "several", "number", "order", "recall", "predict"]),
    "`\"choice\"`, `\"several\"`, `\"number\"`, `\"order\"`, `\"recall\"` or `\"predict\"`",
)];

/// What every question has.
const COMMON: &[Key] = &[
    need("id", Kind::Id, "its name in this lesson; answers are kept under it"),
    need("text", Kind::Prose, "what is asked"),
    may(
        "about",
        Kind::Word(&["this", "other", "clinic"]),
        "`\"this\"` (unless said): about the system of the steps; `\"other\"`: about another one; `\"clinic\"`: a bug report in a user's words",
    ),
    may(
        "form-of",
        Kind::Id,
        "the `id` of the question before it whose idea it asks in another form: a review asks one of them, and not the one of last time",
    ),
    may("tags", Kind::Texts, "words by which it is found beside its topic: `[\"quorum\", \"stale reads\"]`"),
    may("do", Kind::Script, "what has happened when the question is put, on a fresh cluster; this or `step`"),
    may("step", Kind::Text, "or the `id` of the step where the answer can be seen"),
    may(
        "vary",
        Kind::Values,
        "values by name, filled in wherever the name stands in double braces: `{ writes = [2, 3, 4] }`. Every value is proved",
    ),
];

macro_rules! quiz {
    ($name:ident, $what:literal, $keys:expr) => {
        /// A kind of question.
        pub(in crate::lesson) static $name: Table = Table { what: $what, keys: &[KIND, $keys, COMMON, FROM_VARIANT, CHANGES] };
    };
}

/// Whether options keep their order.
const FIXED: Key = may(
    "fixed",
    Kind::Flag,
    "whether the options stand in the order of the file, because that order says something; else they are shuffled",
);

quiz!(
    CHOICE,
    "a choice question",
    &[
        need("options", Kind::Many(&OPTION), "the answers to choose from; exactly one is `right`. With a `do`, an option may have `see`"),
        FIXED
    ]
);
quiz!(
    SEVERAL,
    "a several question",
    &[need("options", Kind::Many(&OPTION), "the answers to choose from; two or more are `right`, one or more not"), FIXED]
);
quiz!(
    NUMBER,
    "a number question",
    &[
        may("answer", Kind::Either(&Kind::Number, &Kind::Scalars), "the right number; with `vary`, one for each value"),
        may("unit", Kind::Text, "what it counts: `\"writes\"`, `\"ms\"`"),
        may("tolerance", Kind::Number, "how far off an answer may be and still count as right"),
        may("fact", Kind::Fact, "with a `do`: the fact that has this value at its end"),
        need("why", Kind::Prose, "why it is this number"),
        may("wrong", Kind::Many(&WRONG_NUMBER), "wrong numbers that people give"),
    ]
);
quiz!(
    ORDER,
    "an order question",
    &[need("items", Kind::Many(&ITEM), "the things, in the right order: two or more. They are shuffled when shown")]
);
quiz!(
    RECALL,
    "a recall question",
    &[
        need("answer", Kind::Prose, "the answer, in Markdown"),
        need("points", Kind::Many(&ITEM), "what a good answer names: two or more, one fact each"),
        may("follow-up", Kind::Prose, "what is asked next: \"and then the replica dies?\""),
        may("follow-up-answer", Kind::Prose, "with a `follow-up`, and needed there: what is to be said to it"),
    ]
);
quiz!(
    PREDICT_QUIZ,
    "a predict question",
    &[
        need("options", Kind::Many(&OPTION), "the answers to choose from; the right one has `see`"),
        need("then", Kind::Script, "what happens once an answer is chosen"),
        FIXED,
    ]
);

/// A thing to be put in order, or a point of an answer.
pub(in crate::lesson) static ITEM: Table = Table {
    what: "an entry",
    keys: &[&[
        need("text", Kind::Prose, "what it is"),
        need("why", Kind::Prose, "why it belongs here"),
        may("see", Kind::Condition, "with a `do`: a condition that first holds when this happens"),
    ]],
};

/// A wrong number.
pub(in crate::lesson) static WRONG_NUMBER: Table = Table {
    what: "a wrong number",
    keys: &[&[
        need("answer", Kind::Either(&Kind::Number, &Kind::Scalars), "the wrong number; with `vary`, one for each value"),
        need("why", Kind::Prose, "what is wrong with it"),
        may("belief", Kind::Id, "the misconception that it stands for"),
    ]],
};
