//! Statements as text: reading gives the same statement again.

use std::fmt::{self, Display, Formatter};

use super::cell::Cell;
use super::statement::{
    Assignment, Column, Comparison, Create, Delete, Expr, Function, Insert, Name, Operator, Pick, Select, Statement, Test, Update,
};

impl Display for Statement {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        match self {
            Statement::Create(Create { table, columns }) => {
                write!(f, "CREATE TABLE {table} (")?;
                list(f, columns.iter())?;
                f.write_str(")")
            }
            Statement::Insert(insert) => insert.fmt(f),
            Statement::Update(Update { table, set, pick }) => {
                write!(f, "UPDATE {table} SET ")?;
                list(f, set.iter())?;
                pick.fmt(f)
            }
            Statement::Delete(Delete { table, pick }) => write!(f, "DELETE FROM {table}{pick}"),
            Statement::Select(Select { columns, table, pick }) => {
                f.write_str("SELECT ")?;
                if columns.is_empty() {
                    f.write_str("*")?;
                } else {
                    list(f, columns.iter())?;
                }
                write!(f, " FROM {table}{pick}")
            }
            Statement::Begin => f.write_str("BEGIN"),
            Statement::Commit => f.write_str("COMMIT"),
            Statement::Rollback => f.write_str("ROLLBACK"),
        }
    }
}

/// `a, b`.
fn list<T: Display>(f: &mut Formatter<'_>, items: impl Iterator<Item = T>) -> fmt::Result {
    for (at, item) in items.enumerate() {
        if at > 0 {
            f.write_str(", ")?;
        }
        item.fmt(f)?;
    }
    Ok(())
}

impl Display for Insert {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        write!(f, "INSERT INTO {}", self.table)?;
        if !self.columns.is_empty() {
            f.write_str(" (")?;
            list(f, self.columns.iter())?;
            f.write_str(")")?;
        }
        f.write_str(" VALUES ")?;
        list(f, self.rows.iter().map(|row| Values(row)))
    }
}

/// `(1, 'Dune')`.
struct Values<'a>(&'a [Expr]);

impl Display for Values<'_> {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        f.write_str("(")?;
        list(f, self.0.iter())?;
        f.write_str(")")
    }
}

impl Display for Column {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        let Column { name, primary, auto } = self;
        write!(f, "{name}{}{}", if *auto { " AUTO_INCREMENT" } else { "" }, if *primary { " PRIMARY KEY" } else { "" })
    }
}

impl Display for Assignment {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        write!(f, "{} = {}", self.column, self.value)
    }
}

impl Display for Pick {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        if let Some(test) = &self.test {
            write!(f, " WHERE {test}")?;
        }
        if let Some((column, greatest_first)) = &self.order {
            write!(f, " ORDER BY {column}{}", if *greatest_first { " DESC" } else { "" })?;
        }
        self.limit.map_or(Ok(()), |limit| write!(f, " LIMIT {limit}"))
    }
}

impl Display for Test {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        match self {
            Test::Compare(left, how, right) => write!(f, "{left} {} {right}", sign(&Comparison::ALL, *how)),
            Test::And(left, right) => {
                let is_or = |test: &Test| matches!(test, Test::Or(..));
                let within = matches!(**right, Test::And(..)) || is_or(right);
                write!(f, "{} AND {}", Within(left, is_or(left)), Within(right, within))
            }
            Test::Or(left, right) => write!(f, "{left} OR {}", Within(right, matches!(**right, Test::Or(..)))),
        }
    }
}

/// Something in parentheses, if it needs them.
struct Within<'a, T>(&'a T, bool);

impl<T: Display> Display for Within<'_, T> {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        let Within(inner, needed) = self;
        if *needed { write!(f, "({inner})") } else { inner.fmt(f) }
    }
}

impl Display for Expr {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        match self {
            Expr::Value(Cell::Null) => f.write_str("NULL"),
            Expr::Value(Cell::Number(number)) => number.fmt(f),
            Expr::Value(Cell::Text(text)) => write!(f, "'{}'", text.replace('\'', "''")),
            Expr::Column(name) => f.write_str(name),
            Expr::Call(function) => write!(f, "{}()", sign(&Function::ALL, *function)),
            Expr::Calculate(left, operator, right) => {
                let looser = |part: &Expr| matches!(part, Expr::Calculate(_, other, _) if operator.binds() && !other.binds());
                let same = |part: &Expr| matches!(part, Expr::Calculate(_, other, _) if operator.binds() == other.binds());
                let (left_within, right_within) = (looser(left), looser(right) || same(right));
                write!(f, "{} {} {}", Within(&**left, left_within), sign(&Operator::ALL, *operator), Within(&**right, right_within))
            }
        }
    }
}

/// The sign of an operator, or the name of a function.
fn sign<T: PartialEq + Copy>(all: &[(T, &'static str)], which: T) -> &'static str {
    all.iter().find(|(known, _)| *known == which).map_or("", |(_, sign)| sign)
}

/// Whether a text can be the name of a table or column.
pub(super) fn is_name(text: &str) -> bool {
    let fits = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '_';
    text.starts_with(|c: char| c.is_ascii_lowercase()) && text.chars().all(fits) && !RESERVED.contains(&text)
}

/// Words that are no names.
const RESERVED: [&str; 24] = [
    "create",
    "table",
    "primary",
    "key",
    "auto_increment",
    "insert",
    "into",
    "values",
    "update",
    "set",
    "delete",
    "from",
    "select",
    "where",
    "and",
    "or",
    "order",
    "by",
    "asc",
    "desc",
    "limit",
    "null",
    "begin",
    "commit",
];

/// A name in small letters; `None` where the text can be none.
pub(super) fn name(text: &str) -> Option<Name> {
    let small = text.to_ascii_lowercase();
    is_name(&small).then(|| small.as_str().into())
}
