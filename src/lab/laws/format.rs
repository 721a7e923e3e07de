//! The format of files of laws: the loader reads by it, and `assets/LAWS.md` is made from it.

use crate::lesson::format::{Key, Kind, Table, may, need};

/// The whole file.
pub(super) static FILE: Table =
    Table { what: "a file of laws", keys: &[&[need("law", Kind::Many(&LAW), "the laws, each in a table of its own: `[[law]]`")]] };

/// One law.
pub(super) static LAW: Table = Table {
    what: "a law",
    keys: &[
        ABOUT,
        SYSTEM,
        &[
            may(
                "start",
                Kind::Either(&Kind::Script, &Kind::Many(&DEED)),
                "commands that are done once in each run, before anything is measured",
            ),
            may(
                "do",
                Kind::Either(&Kind::Script, &Kind::Many(&DEED)),
                "commands that are done in each round, and what is done by chance. `{{round}}` is the number of the round in its run, from 1",
            ),
        ],
        TRIALS,
        EXPECTED,
    ],
};

const ABOUT: &[Key] = &[
    need("id", Kind::Id, "its name, unique in the file: lower-case letters, digits and `-`"),
    need("title", Kind::Text, "what it says, in a few words"),
    need("source", Kind::Text, "whose result it is: paper and section"),
    may(
        "cases",
        Kind::Many(&CASE),
        "tables of values by name, such as `{ n = 3, rate = 50 }`; the law is measured for each. A name in double braces stands for its value in everything below",
    ),
];

const SYSTEM: &[Key] = &[
    may("model", Kind::Text, "the cluster that is measured, as `splitbrain models` lists them. This or `algorithm`"),
    may("nodes", Kind::Either(&Kind::Whole(1, 10_000), &Kind::Text), "how many servers"),
    may("clients", Kind::Either(&Kind::Whole(0, 1000), &Kind::Text), "how many clients"),
    may("zones", Kind::Zones, "the zones of servers and clients: lists of nodes by name"),
    may("settings", Kind::Settings, "settings that differ from the model's own"),
    may("algorithm", Kind::Text, "or the experiment or formula that is measured, without a cluster; the page lists them"),
    may("with", Kind::Scalars, "the numbers that it takes, in order: numbers or formulas"),
];

const TRIALS: &[Key] = &[
    may("trials", Kind::Whole(1, TRIALS_MAX), "how many rounds, all runs together; each run has a seed of its own; 1 unless said"),
    may(
        "quick",
        Kind::Whole(1, TRIALS_MAX),
        "how many in the quick form; a hundredth of `trials`, but ten at least where there are so many, unless said",
    ),
    may("rounds", Kind::Whole(1, ROUNDS_MAX), "how many rounds one run has; 1 unless said"),
    may("seed", Kind::Whole(0, i64::MAX as u64), "the seed of the first run; those of the others count up from it; 1 unless said"),
];

const EXPECTED: &[Key] = &[need("expect", Kind::Many(&EXPECT), "what is expected of what is measured: `[[law.expect]]`")];

/// The most rounds of a law.
pub(super) const TRIALS_MAX: u64 = 10_000_000;
/// The most rounds of one run: each may poke a few times, and a run keeps all pokes.
pub(super) const ROUNDS_MAX: u64 = 10_000;

/// A case.
pub(super) static CASE: Table = Table { what: "a case", keys: &[] };

/// Something that is done by chance.
pub(super) static DEED: Table = Table {
    what: "what is done by chance",
    keys: &[&[
        may("chance", Kind::Either(&Kind::Number, &Kind::Text), "the probability with which `do` is done, 0 to 1; a number or a formula"),
        may("pick", Kind::Either(&Kind::Whole(0, 1000), &Kind::Text), "or how many of `do`, drawn at random, are done"),
        may("do", Kind::Script, "the commands for `chance` or `pick`"),
        may("else", Kind::Script, "with `chance`: what is done otherwise"),
        may(
            "try",
            Kind::Script,
            "or commands of which any may be refused, such as `[\"restart n1\", \"restart n2\"]` of nodes that may be up",
        ),
        may("wait", Kind::Text, "or a distribution of lengths of time, such as `\"uniform(0ms, 50ms)\"`: so much virtual time passes"),
    ]],
};

/// What is expected.
pub(super) static EXPECT: Table = Table {
    what: "what is expected",
    keys: &[&[
        need("what", Kind::Text, "what the number is, in a few words, with its unit"),
        may(
            "number",
            Kind::Text,
            "what is measured at the end of each round: a fact, a number worked out of facts, or a condition, which counts as 1 or 0, so that its mean is a probability. \
             `elapsed_ms` is how long the round took, `round` its number; with `algorithm`, `result` is what it gave, and need not be written",
        ),
        may("growth", Kind::Flag, "`true`: by how much that grew in the round"),
        may(
            "operations",
            Kind::Text,
            "or the verb of a client, such as `\"read\"`: each of its operations gives a number. `number` may then speak of `ms` (the default), `ok` and `behind`",
        ),
        may(
            "statistic",
            Kind::Text,
            "what is made of all these numbers: `\"mean\"` (the default), `\"sd\"`, `\"min\"`, `\"max\"`, or a percentile: `\"p50\"`, `\"p99.9\"`",
        ),
        may(
            "points",
            Kind::Scalars,
            "or points of the distribution function: a list of pairs, `[[x, share], ...]`, the share of the numbers that are at most x",
        ),
        may("expected", Kind::Either(&Kind::Number, &Kind::Text), "what it must be: a number, or a formula in quotes"),
        may("least", Kind::Either(&Kind::Number, &Kind::Text), "or what it must be at least"),
        may("most", Kind::Either(&Kind::Number, &Kind::Text), "or at most"),
        may(
            "published",
            Kind::Either(&Kind::Number, &Kind::Text),
            "what the source prints, where `expected` is the more exact value of the same model; it is only shown",
        ),
        need(
            "tolerance",
            Kind::Either(&Kind::Number, &Kind::Text),
            "how far off it may be: a number; `\"2%\"` of what is expected; `\"3 sigma\"`, standard errors of this many trials; `\"exact\"`; or a sum, `\"2% + 3 sigma\"`",
        ),
    ]],
};
