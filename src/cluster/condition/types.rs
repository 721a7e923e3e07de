//! The types of what stands in a condition.

/// What an expression gives: something plain, or lists of it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Type {
    base: Base,
    /// How many lists are around it: 1 in `[1, 2]`.
    lists: u8,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Base {
    Number,
    Bool,
    Text,
    /// The text of a guarantee.
    Verdict,
    /// A length of time.
    Span,
    /// Numbers by their names.
    Named,
    /// Not known, after a mistake or in an empty list: fits everything.
    Any,
}

impl Type {
    pub(super) const NUMBER: Type = Type::plain(Base::Number);
    pub(super) const BOOL: Type = Type::plain(Base::Bool);
    pub(super) const TEXT: Type = Type::plain(Base::Text);
    pub(super) const VERDICT: Type = Type::plain(Base::Verdict);
    pub(super) const SPAN: Type = Type::plain(Base::Span);
    pub(super) const NAMED: Type = Type::plain(Base::Named);
    pub(super) const ANY: Type = Type::plain(Base::Any);

    const fn plain(base: Base) -> Type {
        Type { base, lists: 0 }
    }

    /// A list of such.
    pub(super) const fn listed(self) -> Type {
        Type { base: self.base, lists: self.lists.saturating_add(1) }
    }

    /// What a loop over it goes through: the names, or the elements; `None` where there is nothing to go through.
    pub(super) fn item(self) -> Option<Type> {
        match self.base {
            _ if self.lists > 0 => Some(Type { base: self.base, lists: self.lists - 1 }),
            Base::Named => Some(Type::TEXT),
            Base::Any => Some(Type::ANY),
            _ => None,
        }
    }

    /// This, or the other where this is not known.
    pub(super) fn or(self, other: Type) -> Type {
        if self.base == Base::Any { other } else { self }
    }

    /// What is made of it: a text made of the text of a guarantee is any text.
    pub(super) fn made(self) -> Type {
        self.as_text()
    }

    pub(super) const fn is_list(self) -> bool {
        self.lists > 0
    }

    /// Whether it can stand where the other is wanted.
    pub(super) fn fits(self, wanted: Type) -> bool {
        let (a, b) = (self.as_text(), wanted.as_text());
        match (a.base, b.base) {
            (Base::Any, _) => a.lists <= b.lists || b.base == Base::Any,
            (_, Base::Any) => b.lists <= a.lists,
            _ => a == b,
        }
    }

    /// The text of a guarantee is a text.
    fn as_text(self) -> Type {
        if self.base == Base::Verdict { Type { base: Base::Text, ..self } } else { self }
    }

    pub(super) const fn words(self) -> &'static str {
        match self.base {
            _ if self.lists > 0 => "a list",
            Base::Number => "a number",
            Base::Bool => "true or false",
            Base::Text | Base::Verdict => "a text",
            Base::Span => "a length of time",
            Base::Named => "a number for each name",
            Base::Any => "anything",
        }
    }
}
