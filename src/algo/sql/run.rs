//! Runs a statement against tables: nothing changes but in the effect that it returns.

use super::cell::{Cell, Row};
use super::effect::{Change, Effect};
use super::evaluate::{Around, Scope, Wrong, called};
use super::number::Number;
use super::statement::{Comparison, Create, Delete, Expr, Insert, Name, Pick, Select, Statement, Test, Update};
use super::table::{Spot, Table, Tables};

/// What running a statement came to.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Ran {
    /// What it did.
    pub effect: Effect,
    /// How many rows it looked at.
    pub looked: u64,
    /// The keys that it gave to rows which said nothing.
    pub keys: Vec<i64>,
    /// The rows that it read.
    pub read: Vec<Row>,
}

/// Runs a statement. Those that frame a transaction do nothing here.
pub fn run(statement: &Statement, tables: &Tables, around: &mut dyn Around) -> Result<Ran, Wrong> {
    let now = around.now();
    match statement {
        Statement::Create(create) => run_create(create, tables),
        Statement::Insert(insert) => run_insert(insert, &Open::of(tables, &insert.table, now)?, around),
        Statement::Update(update) => run_update(update, &Open::of(tables, &update.table, now)?, around),
        Statement::Delete(delete) => run_delete(delete, &Open::of(tables, &delete.table, now)?, around),
        Statement::Select(select) => run_select(select, &Open::of(tables, &select.table, now)?, around),
        Statement::Begin | Statement::Commit | Statement::Rollback => Ok(Ran::default()),
    }
}

/// The statement with what its functions give in their place, each worked out once for the whole statement.
pub fn rewritten(statement: &Statement, around: &mut dyn Around) -> Statement {
    let now = around.now();
    let mut statement = statement.clone();
    let mut fill = |expr: &mut Expr| fill(expr, now, around);
    match &mut statement {
        Statement::Insert(insert) => insert.rows.iter_mut().flatten().for_each(fill),
        Statement::Update(update) => {
            update.set.iter_mut().for_each(|assignment| fill(&mut assignment.value));
            update.pick.test.iter_mut().for_each(|test| fill_test(test, &mut fill));
        }
        Statement::Delete(Delete { pick, .. }) | Statement::Select(Select { pick, .. }) => {
            pick.test.iter_mut().for_each(|test| fill_test(test, &mut fill));
        }
        Statement::Create(_) | Statement::Begin | Statement::Commit | Statement::Rollback => {}
    }
    statement
}

fn fill(expr: &mut Expr, now: Number, around: &mut dyn Around) {
    match expr {
        Expr::Call(function) => *expr = Expr::Value(called(*function, now, around)),
        Expr::Calculate(left, _, right) => {
            fill(left, now, around);
            fill(right, now, around);
        }
        Expr::Value(_) | Expr::Column(_) => {}
    }
}

fn fill_test(test: &mut Test, fill: &mut impl FnMut(&mut Expr)) {
    match test {
        Test::Compare(left, _, right) => [left, right].into_iter().for_each(fill),
        Test::And(left, right) | Test::Or(left, right) => {
            fill_test(left, fill);
            fill_test(right, fill);
        }
    }
}

/// A table that a statement works on.
struct Open<'a> {
    name: &'a Name,
    table: &'a Table,
    now: Number,
}

impl<'a> Open<'a> {
    fn of(tables: &'a Tables, name: &'a Name, now: Number) -> Result<Open<'a>, Wrong> {
        let table = tables.get(name).ok_or_else(|| Wrong::NoTable(name.clone()))?;
        Ok(Open { name, table, now })
    }

    fn scope<'s>(&'s self, row: Option<&'s Row>) -> Scope<'s> {
        Scope { table: self.table, name: self.name, row, now: self.now }
    }

    fn column(&self, column: &Name) -> Result<usize, Wrong> {
        self.table.column(column).ok_or_else(|| Wrong::NoColumn(self.name.clone(), column.clone()))
    }

    fn change(&self, spot: Spot, before: Option<&Row>, after: Option<Row>) -> Change {
        Change::Row { table: self.name.clone(), spot, before: before.cloned(), after }
    }
}

fn run_create(create: &Create, tables: &Tables) -> Result<Ran, Wrong> {
    if tables.contains_key(&create.table) {
        return Err(Wrong::Exists(create.table.clone()));
    }
    let changes = vec![Change::Create(create.table.clone(), create.columns.clone())];
    Ok(Ran { effect: Effect { changes }, ..Ran::default() })
}

fn run_insert(insert: &Insert, open: &Open<'_>, around: &mut dyn Around) -> Result<Ran, Wrong> {
    let all = open.table.columns();
    let named = insert.columns.iter().map(|column| open.column(column)).collect::<Result<Vec<usize>, Wrong>>()?;
    let columns: Vec<usize> = if named.is_empty() { (0..all.len()).collect() } else { named };
    let mut ran = Ran::default();
    // The table as it grows, so that two rows of one statement do not get one key.
    let mut grown = open.table.clone();
    for values in &insert.rows {
        let mut row = vec![Cell::Null; all.len()];
        if values.len() != columns.len() {
            return Err(Wrong::Count { values: values.len(), columns: columns.len() });
        }
        for (at, value) in columns.iter().zip(values) {
            row[*at] = open.scope(None).value(value, around)?;
        }
        ran.keys.extend(give_key(&mut row, open, &grown, around));
        let row: Row = row.into();
        check_key(&row, open, &grown)?;
        let spot = around.spot(open.name, grown.last().0);
        grown.put(spot, row.clone());
        ran.effect.changes.push(open.change(spot, None, Some(row)));
    }
    Ok(ran)
}

/// The next key, where the table hands keys out and the row says nothing.
fn give_key(row: &mut [Cell], open: &Open<'_>, grown: &Table, around: &mut dyn Around) -> Option<i64> {
    let at = grown.columns().iter().position(|column| column.auto)?;
    if row[at] != Cell::Null {
        return None;
    }
    let key = around.key(open.name, grown.last().1);
    row[at] = Number::whole(key).map_or(Cell::Null, Cell::Number);
    Some(key)
}

fn check_key(row: &Row, open: &Open<'_>, grown: &Table) -> Result<(), Wrong> {
    match grown.key(row) {
        Some(Cell::Null) => Err(Wrong::Key(open.name.clone())),
        Some(key) if grown.find(key).is_some() => Err(Wrong::Duplicate(open.name.clone(), key.clone())),
        _ => Ok(()),
    }
}

fn run_update(update: &Update, open: &Open<'_>, around: &mut dyn Around) -> Result<Ran, Wrong> {
    let places = update.set.iter().map(|assignment| open.column(&assignment.column)).collect::<Result<Vec<usize>, Wrong>>()?;
    if open.table.primary().is_some_and(|primary| places.contains(&primary)) {
        return Err(Wrong::Key(open.name.clone()));
    }
    update.set.iter().try_for_each(|assignment| open.scope(None).knows(&assignment.value))?;
    let (picked, looked) = picked(&update.pick, open, around)?;
    let mut changes = Vec::new();
    for (spot, row) in picked {
        let mut after = row.to_vec();
        for (at, assignment) in places.iter().zip(&update.set) {
            after[*at] = open.scope(Some(row)).value(&assignment.value, around)?;
        }
        changes.push(open.change(spot, Some(row), Some(after.into())));
    }
    Ok(Ran { effect: Effect { changes }, looked, ..Ran::default() })
}

fn run_delete(delete: &Delete, open: &Open<'_>, around: &mut dyn Around) -> Result<Ran, Wrong> {
    let (picked, looked) = picked(&delete.pick, open, around)?;
    let changes = picked.into_iter().map(|(spot, row)| open.change(spot, Some(row), None)).collect();
    Ok(Ran { effect: Effect { changes }, looked, ..Ran::default() })
}

fn run_select(select: &Select, open: &Open<'_>, around: &mut dyn Around) -> Result<Ran, Wrong> {
    let columns = select.columns.iter().map(|column| open.column(column)).collect::<Result<Vec<usize>, Wrong>>()?;
    let (picked, looked) = picked(&select.pick, open, around)?;
    let shown = |row: &Row| if columns.is_empty() { row.clone() } else { columns.iter().map(|at| row[*at].clone()).collect() };
    Ok(Ran { looked, read: picked.into_iter().map(|(_, row)| shown(row)).collect(), ..Ran::default() })
}

/// The rows that a statement is about, and how many it looked at.
type Picked<'a> = (Vec<(Spot, &'a Row)>, u64);

/// Without an order the rows are looked at as they are stored, until there are enough. With one all of them are; equal ones stay as they are
/// stored.
fn picked<'a>(pick: &Pick, open: &Open<'a>, around: &mut dyn Around) -> Result<Picked<'a>, Wrong> {
    let order = pick.order.as_ref().map(|(column, last)| open.column(column).map(|at| (at, *last))).transpose()?;
    pick.test.iter().try_for_each(|test| open.scope(None).knows_all_of(test))?;
    let most = usize::try_from(pick.limit.unwrap_or(u64::MAX)).unwrap_or(usize::MAX);
    let enough = if order.is_some() { usize::MAX } else { most };
    let (mut found, mut looked) = (Vec::new(), 0);
    for (spot, row) in candidates(pick, open) {
        if found.len() >= enough {
            break;
        }
        looked += 1;
        if pick.test.as_ref().map_or(Ok(true), |test| open.scope(Some(row)).passes(test, around))? {
            found.push((spot, row));
        }
    }
    if let Some((at, greatest_first)) = order {
        found.sort_by(|(_, a), (_, b)| if greatest_first { b[at].cmp(&a[at]) } else { a[at].cmp(&b[at]) });
    }
    found.truncate(most);
    Ok((found, looked))
}

/// The rows to look at: the one that the primary key finds, or all of them.
fn candidates<'a>(pick: &Pick, open: &Open<'a>) -> Box<dyn Iterator<Item = (Spot, &'a Row)> + 'a> {
    match pick.test.as_ref().and_then(|test| key_of(test, open.table)) {
        Some(key) => Box::new(open.table.find(key).and_then(|spot| Some((spot, open.table.at(spot)?))).into_iter()),
        None => Box::new(open.table.rows().map(|(spot, row)| (*spot, row))),
    }
}

/// The primary key that a row must have to pass a test.
fn key_of<'t>(test: &'t Test, table: &Table) -> Option<&'t Cell> {
    match test {
        Test::Compare(Expr::Column(column), Comparison::Equal, Expr::Value(key)) => {
            (table.column(column) == Some(table.primary()?)).then_some(key)
        }
        Test::And(left, right) => key_of(left, table).or_else(|| key_of(right, table)),
        _ => None,
    }
}
