//! What conditions are made of, as help and `splitbrain models` print it. The parser knows no other function.

/// One way to write something in a condition.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Phrase {
    /// How it is spelled, with words in capitals for what goes there: `LIST.all(x, A)`.
    pub form: &'static str,
    /// A whole condition with it.
    pub example: &'static str,
    /// What it means, in a few words.
    pub about: &'static str,
}

const fn phrase(form: &'static str, example: &'static str, about: &'static str) -> Phrase {
    Phrase { form, example, about }
}

/// Signs and literals, those that bind least first.
pub static OPERATORS: &[Phrase] = &[
    phrase("A ? X : Y", "quiet ? leaders == 2 : leaders == 1", "X if A holds, else Y"),
    phrase("A || B", "leaders > 1 || quiet", "at least one holds"),
    phrase("A && B", "leaders > 1 && quiet", "both hold"),
    phrase("X == Y, X != Y", "mode == \"async\"", "equal, not equal; of numbers, texts, lists, true and false"),
    phrase("X < Y, <=, >, >=", "lag_ms >= 2.5", "the order of numbers, or of texts"),
    phrase("X in [Y, Z]", "leaders in [1, 2]", "one of these; \"n2\" in FACT: there is a number by this name"),
    phrase("X + Y, X - Y", "leaders + acked_lost == 2", "of numbers; + also puts texts or lists together"),
    phrase("X * Y, X / Y", "lag_ms / leaders > 3", "of numbers; nothing / 0 is no value, more / 0 is more than any number"),
    phrase("!A, -X", "!(leaders > 1)", "A does not hold; a number with its sign turned"),
    phrase("FACT.NAME", "lag_entries.n2 > 3", "the number by this name"),
    phrase("FACT[\"NAME\"]", "queued[\"orders-2\"] > 3", "the same, for a name that is no word"),
    phrase(
        "setting.NAME",
        "setting.patience < 250ms && setting.style == \"calm\"",
        "a setting as it is now: a number, a length of time, or a text",
    ),
    phrase("\"TEXT\", 'TEXT'", "mode == 'async'", "a text; \\n, \\t, \\\\, \\\" and \\' in it as usual"),
];

/// Functions over the values of now.
pub static FUNCTIONS: &[Phrase] = &[
    phrase("has(FACT.NAME)", "has(lag_entries.n2) && !has(setting.limit)", "there is a number by this name; a setting is not none"),
    phrase("size(X)", "size(lag_entries) == 2", "how many letters, elements or names"),
    phrase("TEXT.contains(PART)", "mode.contains(\"sync\")", "the part is somewhere in the text"),
    phrase("TEXT.startsWith(PART)", "mode.startsWith(\"semi\")", "the text begins with it"),
    phrase("TEXT.endsWith(PART)", "mode.endsWith(\"sync\")", "the text ends with it"),
    phrase("double(X)", "double(\"2.5\") < lag_ms", "a text as a number"),
    phrase("string(X)", "string(leaders) == \"2\"", "a number, or true or false, as a text"),
    phrase("bool(X)", "bool(\"true\")", "a text as true or false"),
];

/// Loops over the names of a fact, or over a list; `x` is each of them in turn.
pub static LOOPS: &[Phrase] = &[
    phrase("FACT.exists(x, A)", "lag_entries.exists(x, lag_entries[x] > 3)", "A holds for at least one"),
    phrase("FACT.all(x, A)", "lag_entries.all(x, lag_entries[x] < 3)", "A holds for every one"),
    phrase("FACT.exists_one(x, A)", "lag_entries.exists_one(x, x == \"n2\")", "A holds for exactly one"),
    phrase("FACT.filter(x, A)", "size(lag_entries.filter(x, lag_entries[x] > 3)) == 0", "the list of those for which A holds"),
    phrase("FACT.map(x, Y)", "lag_entries.map(x, lag_entries[x] * 2).all(y, y < 8)", "the list of what Y is for each"),
    phrase("FACT.map(x, A, Y)", "size(lag_entries.map(x, x != \"n1\", lag_entries[x])) == 2", "the same, of those for which A holds"),
];

/// Functions over a while of virtual time, of facts that have a series.
pub static OVER_TIME: &[Phrase] = &[
    phrase("max_over(FACT, SPAN)", "max_over(lag_ms, 10s) < 50", "the greatest in this while up to now"),
    phrase("min_over(FACT, SPAN)", "min_over(lag_ms, 500ms) > 0", "the least"),
    phrase("mean_over(FACT, SPAN)", "mean_over(lag_entries.n2, 2s) < 5", "the mean over the time"),
    phrase("at(FACT, SPAN)", "lag_ms > at(lag_ms, 5s)", "the value so long ago; none before the start"),
];

/// The groups of phrases, with a heading for each.
pub static PHRASES: [(&str, &[Phrase]); 4] = [
    ("signs, those that bind least first", OPERATORS),
    ("functions", FUNCTIONS),
    ("loops, at most two inside each other", LOOPS),
    ("over time", OVER_TIME),
];

impl Phrase {
    /// The function that it is a form of: `all` of `FACT.all(x, A)`.
    pub fn function(&self) -> &'static str {
        let name = self.form.split('(').next().unwrap_or_default();
        name.rsplit('.').next().unwrap_or_default()
    }

    /// Whether the function comes after a value and a dot.
    pub fn is_method(&self) -> bool {
        self.form.split('(').next().is_some_and(|name| name.contains('.'))
    }
}

/// Every form of every function.
pub fn functions() -> impl Iterator<Item = &'static Phrase> {
    FUNCTIONS.iter().chain(LOOPS).chain(OVER_TIME)
}
