//! What a statement says.

use std::sync::Arc;

use super::cell::Cell;

/// The name of a table or column: a letter, then letters, digits and `_`; always in small letters.
pub type Name = Arc<str>;

/// A statement.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Statement {
    /// `CREATE TABLE visits (page, at)`.
    Create(Create),
    /// `INSERT INTO books (title) VALUES ('Dune')`.
    Insert(Insert),
    /// `UPDATE books SET stock = stock - 1 WHERE id = 7`.
    Update(Update),
    /// `DELETE FROM books WHERE stock = 0`.
    Delete(Delete),
    /// `SELECT title FROM books WHERE id = 7`.
    Select(Select),
    /// `BEGIN`: what follows is one transaction.
    Begin,
    /// `COMMIT`: it takes effect.
    Commit,
    /// `ROLLBACK`: it does not.
    Rollback,
}

/// A new table.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Create {
    /// Its name.
    pub table: Name,
    /// Its columns, each name once.
    pub columns: Arc<[Column]>,
}

/// A column of a table.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Column {
    /// Its name.
    pub name: Name,
    /// Whether it finds a row, and no two rows have the same there. At most one column of a table does.
    pub primary: bool,
    /// Whether a row that says nothing gets the next number there. Such a column is primary.
    pub auto: bool,
}

/// New rows.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Insert {
    /// Which table.
    pub table: Name,
    /// The columns that get a value; empty: all.
    pub columns: Vec<Name>,
    /// For each row a value for each column.
    pub rows: Vec<Vec<Expr>>,
}

/// Rows that change.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Update {
    /// Which table.
    pub table: Name,
    /// What changes.
    pub set: Vec<Assignment>,
    /// In which rows.
    pub pick: Pick,
}

/// `stock = stock - 1`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Assignment {
    /// Which column.
    pub column: Name,
    /// What it becomes; columns in it are those of the row as it was.
    pub value: Expr,
}

/// Rows that go.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Delete {
    /// Which table.
    pub table: Name,
    /// Which rows.
    pub pick: Pick,
}

/// Rows that are read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Select {
    /// Which columns; empty: all.
    pub columns: Vec<Name>,
    /// Which table.
    pub table: Name,
    /// Which rows.
    pub pick: Pick,
}

/// Which rows: those that pass the test, in an order, so many of them. Without an order they come as they are stored.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Pick {
    /// What a row must pass; `None`: every row does.
    pub test: Option<Test>,
    /// The column that orders them, and whether the greatest comes first.
    pub order: Option<(Name, bool)>,
    /// At most so many.
    pub limit: Option<u64>,
}

/// What a row can pass.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Test {
    /// `price < 20`. With nothing on either side it is not passed.
    Compare(Expr, Comparison, Expr),
    /// Both.
    And(Box<Test>, Box<Test>),
    /// Either.
    Or(Box<Test>, Box<Test>),
}

/// How two values are compared.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Comparison {
    /// `=`
    Equal,
    /// `<>`
    Other,
    /// `<`
    Less,
    /// `<=`
    AtMost,
    /// `>`
    More,
    /// `>=`
    AtLeast,
}

/// A value, or how it is worked out.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Expr {
    /// A value.
    Value(Cell),
    /// What the row has in a column.
    Column(Name),
    /// What a function gives.
    Call(Function),
    /// `price * 0.9`. With nothing on either side it is nothing.
    Calculate(Box<Expr>, Operator, Box<Expr>),
}

/// A function, none of which is the same twice.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Function {
    /// `NOW()`: the clock, in seconds, as the statement begins.
    Now,
    /// `RAND()`: a number from 0 up to 1, anew for each row.
    Rand,
    /// `UUID()`: a text that nobody else makes, anew for each row.
    Uuid,
}

/// An operator.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Operator {
    /// `+`
    Plus,
    /// `-`
    Minus,
    /// `*`
    Times,
    /// `/`
    Over,
}

impl Function {
    /// Each with its name.
    pub const ALL: [(Function, &'static str); 3] = [(Function::Now, "NOW"), (Function::Rand, "RAND"), (Function::Uuid, "UUID")];
}

impl Comparison {
    /// Each with its sign; a sign comes before those that it begins with.
    pub const ALL: [(Comparison, &'static str); 6] = [
        (Comparison::Other, "<>"),
        (Comparison::AtMost, "<="),
        (Comparison::AtLeast, ">="),
        (Comparison::Equal, "="),
        (Comparison::Less, "<"),
        (Comparison::More, ">"),
    ];
}

impl Operator {
    /// Each with its sign.
    pub const ALL: [(Operator, &'static str); 4] =
        [(Operator::Plus, "+"), (Operator::Minus, "-"), (Operator::Times, "*"), (Operator::Over, "/")];

    /// Whether it is worked out before the others: `*` and `/`.
    pub fn binds(self) -> bool {
        matches!(self, Operator::Times | Operator::Over)
    }
}

impl Statement {
    /// Whether it can change a table.
    pub fn changes(&self) -> bool {
        !matches!(self, Statement::Select(_))
    }

    /// Whether it begins or ends a transaction.
    pub fn frames(&self) -> bool {
        matches!(self, Statement::Begin | Statement::Commit | Statement::Rollback)
    }
}
