use std::sync::Arc;

use proptest::prelude::*;

use super::*;

/// Surroundings that count up: `row` numbers, and places that turn the order round where `reversed`.
#[derive(Clone, Debug, Default)]
struct Counting {
    drawn: i64,
    handed: i64,
    rows: u64,
    reversed: bool,
}

impl Counting {
    fn place(&self, row: u64) -> u64 {
        if self.reversed { u64::MAX - row } else { 0 }
    }
}

impl Around for Counting {
    fn now(&mut self) -> Number {
        Number::ten_thousandths(12_345)
    }

    fn random(&mut self) -> Number {
        self.drawn += 1;
        Number::ten_thousandths(self.drawn * 7919 % 10_000)
    }

    fn unique(&mut self) -> Arc<str> {
        self.drawn += 1;
        format!("u{}", self.drawn).into()
    }

    fn key(&mut self, _: &Name, greatest: i64) -> i64 {
        self.handed = self.handed.max(greatest) + 1;
        self.handed
    }

    fn spot(&mut self, _: &Name, greatest: u64) -> Spot {
        self.rows = self.rows.max(greatest) + 1;
        Spot { place: self.place(self.rows), row: self.rows }
    }
}

fn read(text: &str) -> Statement {
    parse(text).unwrap_or_else(|bad| panic!("{text}: {bad} at {}", bad.offset))
}

/// Runs statements one after the other.
fn ran(texts: &[&str], around: &mut Counting) -> Tables {
    let mut tables = Tables::new();
    for text in texts {
        let ran = run(&read(text), &tables, around).unwrap_or_else(|wrong| panic!("{text}: {wrong}"));
        ran.effect.apply(&mut tables, &Placed::Exactly);
    }
    tables
}

/// The rows of a table as they are stored: `1 Dune 10; 2 Emma 7`.
fn shown(tables: &Tables, name: &str) -> String {
    let row = |row: &Row| row.iter().map(Cell::to_string).collect::<Vec<_>>().join(" ");
    tables[name].rows().map(|(_, cells)| row(cells)).collect::<Vec<_>>().join("; ")
}

const BOOKS: [&str; 2] = [
    "CREATE TABLE books (id AUTO_INCREMENT PRIMARY KEY, title, stock)",
    "INSERT INTO books (title, stock) VALUES ('Dune', 5), ('Emma', 2), ('Ulysses', 9)",
];

fn after(more: &[&str]) -> String {
    shown(&ran(&[&BOOKS[..], more].concat(), &mut Counting::default()), "books")
}

#[test]
fn statements_do_what_they_say() {
    assert_eq!(after(&[]), "1 Dune 5; 2 Emma 2; 3 Ulysses 9");
    assert_eq!(after(&["UPDATE books SET stock = stock - 1 WHERE id = 2"]), "1 Dune 5; 2 Emma 1; 3 Ulysses 9");
    assert_eq!(
        after(&["update books set stock = stock * 2 + 1, title = 'x' where stock > 2 and stock < 9;"]),
        "1 x 11; 2 Emma 2; 3 Ulysses 9"
    );
    assert_eq!(after(&["DELETE FROM books WHERE title = 'Dune' OR stock = 9"]), "2 Emma 2");
    assert_eq!(after(&["DELETE FROM books LIMIT 1"]), "2 Emma 2; 3 Ulysses 9");
    assert_eq!(after(&["DELETE FROM books ORDER BY stock LIMIT 1"]), "1 Dune 5; 3 Ulysses 9");
    assert_eq!(after(&["DELETE FROM books ORDER BY stock DESC LIMIT 2"]), "2 Emma 2");
    assert_eq!(after(&["DELETE FROM books", "INSERT INTO books (title) VALUES ('new')"]), "4 new nil");
    assert_eq!(
        after(&["INSERT INTO books VALUES (9, 'nine', NOW())", "INSERT INTO books (title) VALUES ('ten')"]).rsplit("; ").next(),
        Some("10 ten nil")
    );
    assert_eq!(after(&["UPDATE books SET stock = NOW() WHERE id = 1"]), "1 Dune 1.2345; 2 Emma 2; 3 Ulysses 9");
    assert_eq!(after(&["UPDATE books SET title = UUID() WHERE stock > 2"]), "1 u1 5; 2 Emma 2; 3 u2 9");
}

#[test]
fn what_a_statement_reads_and_looks_at_is_counted() {
    let tables = ran(&BOOKS, &mut Counting::default());
    let ran = |text: &str| run(&read(text), &tables, &mut Counting::default()).unwrap();
    let titles = ran("SELECT title FROM books WHERE stock > 2 ORDER BY title DESC").read;
    assert_eq!(titles.iter().map(|row| row[0].to_string()).collect::<Vec<_>>(), ["Ulysses", "Dune"]);
    for (text, looked) in [
        ("SELECT * FROM books WHERE id = 2", 1),
        ("SELECT * FROM books WHERE stock > 0 AND id = 2", 1),
        ("SELECT * FROM books WHERE id = 2 OR id = 3", 3),
        ("SELECT * FROM books LIMIT 1", 1),
        ("SELECT * FROM books WHERE stock < 5 LIMIT 1", 2),
        ("SELECT * FROM books ORDER BY id LIMIT 1", 3),
    ] {
        assert_eq!(ran(text).looked, looked, "{text}");
    }
    assert_eq!(ran("INSERT INTO books (title) VALUES ('a'), ('b')").keys, [4, 5]);
}

#[test]
fn without_an_order_the_place_of_a_row_decides() {
    let texts = [&BOOKS[..], &["UPDATE books SET stock = 0 LIMIT 1"]].concat();
    assert_eq!(shown(&ran(&texts, &mut Counting::default()), "books"), "1 Dune 0; 2 Emma 2; 3 Ulysses 9");
    let mut reversed = Counting { reversed: true, ..Counting::default() };
    assert_eq!(shown(&ran(&texts, &mut reversed), "books"), "3 Ulysses 0; 2 Emma 2; 1 Dune 5");
}

#[test]
fn what_cannot_be_run_says_why() {
    let tables = ran(&BOOKS, &mut Counting::default());
    for (text, why) in [
        ("DELETE FROM shelf", "there is no table shelf"),
        ("DELETE FROM books WHERE pages = 1", "the table books has no column pages"),
        ("UPDATE books SET stock = pages WHERE id = 99", "the table books has no column pages"),
        ("UPDATE books SET pages = 1", "the table books has no column pages"),
        ("UPDATE books SET id = 7", "the primary key of a row of books is a value, and stays what it is"),
        ("INSERT INTO books VALUES (2, 'x', 1)", "the table books has a row 2 already"),
        ("INSERT INTO books (title) VALUES ('x', 1)", "2 values for 1 columns"),
        ("UPDATE books SET stock = title + 1", "title + 1 cannot be worked out"),
        ("UPDATE books SET stock = stock / 0", "stock / 0 cannot be worked out"),
        ("CREATE TABLE books (a)", "there is a table books already"),
    ] {
        let wrong = run(&read(text), &tables, &mut Counting::default()).expect_err(text);
        assert_eq!(wrong.to_string(), why, "{text}");
    }
}

#[test]
fn what_cannot_be_read_says_where_and_what_would_be_right() {
    for (text, offset, says) in [
        ("", 0, "begins no statement"),
        ("UPDTE books", 0, "`UPDTE` begins no statement"),
        ("UPDATE books stock = 1", 13, "`SET` comes here, not `stock`"),
        ("UPDATE books SET stock = ", 25, "here comes a value"),
        ("UPDATE books SET stock = 1 WHERE id", 35, "here comes a comparison"),
        ("UPDATE books SET stock = 1 LIMIT x", 33, "a whole number comes here"),
        ("UPDATE books SET stock = DATE()", 25, "`DATE()` is no function here; NOW(), RAND() and UUID() are"),
        ("DELETE FROM 'books'", 12, "the name of a table comes here"),
        ("DELETE FROM books x", 18, "`x` is not expected here"),
        ("INSERT INTO books VALUES ('Dune", 26, "is not closed"),
        ("INSERT INTO books VALUES (\"Dune\")", 26, "single quotes"),
        ("INSERT INTO books VALUES (1.23456)", 26, "at most four after a point"),
        ("CREATE TABLE t (a, a)", 21, "the column `a` is there twice"),
        ("CREATE TABLE t (a PRIMARY KEY, b PRIMARY KEY)", 45, "one primary key"),
    ] {
        let bad = parse(text).expect_err(text);
        assert!(bad.offset == offset && bad.message.contains(says), "{text}: {} at {}", bad.message, bad.offset);
    }
    assert!(parse(&format!("DELETE FROM t WHERE {}1 = 1", "(".repeat(40))).is_err_and(|bad| bad.message.contains("too deep")));
    assert!(parse(&"x".repeat(9000)).is_err_and(|bad| bad.message.contains("at most")));
}

#[test]
fn what_functions_give_takes_their_place_once_for_the_whole_statement() {
    let mut around = Counting::default();
    let text = rewritten(&read("UPDATE books SET title = UUID(), stock = NOW() WHERE stock < RAND() * 9"), &mut around).to_string();
    assert_eq!(text, "UPDATE books SET title = 'u1', stock = 1.2345 WHERE stock < 0.5838 * 9");
    let plain = read("DELETE FROM books WHERE stock = 1 LIMIT 1");
    assert_eq!(rewritten(&plain, &mut around), plain);
}

#[test]
fn a_row_image_has_both_rows_and_a_record_only_the_new_one() {
    let tables = ran(&BOOKS, &mut Counting::default());
    let effect = |text: &str| run(&read(text), &tables, &mut Counting::default()).unwrap().effect;
    // A row of two numbers and `Dune`: 8 + 5 + 8 bytes.
    let update = effect("UPDATE books SET stock = 0 WHERE id = 1");
    assert_eq!((update.rows(), update.image_bytes(), update.record_bytes()), (1, 2 * (4 + 21), 30 + 21));
    let delete = effect("DELETE FROM books WHERE id = 1");
    assert_eq!((delete.image_bytes(), delete.record_bytes()), (4 + 21, 30));
    assert_eq!(effect("UPDATE books SET stock = 0").rows(), 3);
}

fn names() -> impl Strategy<Value = Name> {
    prop_oneof![Just("id"), Just("a"), Just("b")].prop_map(Into::into)
}

fn cells() -> impl Strategy<Value = Cell> {
    prop_oneof![
        Just(Cell::Null),
        (-99_999_i64..99_999).prop_map(|parts| Cell::Number(Number::ten_thousandths(parts))),
        "[a-z' ]{0,6}".prop_map(|text| Cell::text(&text)),
    ]
}

fn exprs() -> impl Strategy<Value = Expr> {
    let functions = prop_oneof![Just(Function::Now), Just(Function::Rand), Just(Function::Uuid)];
    let leaf = prop_oneof![cells().prop_map(Expr::Value), names().prop_map(Expr::Column), functions.prop_map(Expr::Call)];
    leaf.prop_recursive(3, 12, 2, |part| {
        let operators = prop_oneof![Just(Operator::Plus), Just(Operator::Minus), Just(Operator::Times), Just(Operator::Over)];
        (part.clone(), operators, part).prop_map(|(left, how, right)| Expr::Calculate(Box::new(left), how, Box::new(right)))
    })
}

fn tests() -> impl Strategy<Value = Test> {
    let how = (0..Comparison::ALL.len()).prop_map(|at| Comparison::ALL[at].0);
    let leaf = (exprs(), how, exprs()).prop_map(|(left, how, right)| Test::Compare(left, how, right));
    leaf.prop_recursive(3, 8, 2, |part| {
        prop_oneof![
            (part.clone(), part.clone()).prop_map(|(a, b)| Test::And(Box::new(a), Box::new(b))),
            (part.clone(), part).prop_map(|(a, b)| Test::Or(Box::new(a), Box::new(b))),
        ]
    })
}

fn picks() -> impl Strategy<Value = Pick> {
    let order = proptest::option::of((names(), any::<bool>()));
    (proptest::option::of(tests()), order, proptest::option::of(0_u64..5)).prop_map(|(test, order, limit)| Pick { test, order, limit })
}

fn table() -> impl Strategy<Value = Name> {
    prop_oneof![Just("keyed"), Just("plain")].prop_map(Into::into)
}

fn statements() -> impl Strategy<Value = Statement> {
    let insert = (table(), proptest::collection::vec(exprs(), 2))
        .prop_map(|(table, row)| Statement::Insert(Insert { table, columns: vec!["a".into(), "b".into()], rows: vec![row] }));
    let set = (prop_oneof![Just("a"), Just("b")], exprs()).prop_map(|(column, value)| Assignment { column: column.into(), value });
    let update = (table(), proptest::collection::vec(set, 1..3), picks())
        .prop_map(|(table, set, pick)| Statement::Update(Update { table, set, pick }));
    let delete = (table(), picks()).prop_map(|(table, pick)| Statement::Delete(Delete { table, pick }));
    let select = (proptest::collection::vec(names(), 0..3), table(), picks())
        .prop_map(|(columns, table, pick)| Statement::Select(Select { columns, table, pick }));
    prop_oneof![insert, update, delete, select, Just(Statement::Begin), Just(Statement::Commit), Just(Statement::Rollback)]
}

fn start(around: &mut Counting) -> Tables {
    let create = ["CREATE TABLE keyed (id AUTO_INCREMENT PRIMARY KEY, a, b)", "CREATE TABLE plain (id, a, b)"];
    ran(&create, around)
}

/// The rows of every table, whatever their places.
fn contents(tables: &Tables) -> Vec<(Name, Vec<Row>)> {
    let sorted = |table: &Table| table.named().into_iter().map(|(_, row)| row.clone()).collect();
    tables.iter().map(|(name, table)| (name.clone(), sorted(table))).collect()
}

proptest! {
    #[test]
    fn a_printed_statement_reads_back(statement in statements()) {
        let text = statement.to_string();
        prop_assert_eq!(parse(&text), Ok(statement), "{}", text);
    }

    #[test]
    fn no_text_is_too_odd_to_be_read(text in "[A-Za-z'(),=<>*/+;. 0-9-]{0,60}") {
        if let Ok(statement) = parse(&text) {
            prop_assert_eq!(parse(&statement.to_string()), Ok(statement));
        }
    }

    /// The one idea of a log of effects: whatever the statements, and in whatever order a copy stores its rows, the contents are equal.
    #[test]
    fn effects_make_equal_copies_and_so_do_statements_in_equal_surroundings(all in proptest::collection::vec(statements(), 0..12)) {
        let mut around = Counting::default();
        let mut leader = start(&mut around);
        let mut other = Counting { reversed: true, ..Counting::default() };
        let mut copies = [leader.clone(), start(&mut other)];
        let mut twin = (Counting::default(), Tables::new());
        twin.1 = start(&mut twin.0);
        for statement in &all {
            let before = around.clone();
            let again = run(statement, &twin.1, &mut twin.0);
            let first = run(statement, &leader, &mut around);
            prop_assert_eq!(&again, &first);
            let Ok(first) = first else {
                // A statement that fails may have drawn; the twin did so too.
                prop_assert_eq!(before.handed <= around.handed, true);
                continue;
            };
            first.effect.apply(&mut leader, &Placed::Exactly);
            first.effect.apply(&mut twin.1, &Placed::Exactly);
            first.effect.apply(&mut copies[0], &Placed::Exactly);
            first.effect.apply(&mut copies[1], &Placed::ByValue(&|row| other.place(row)));
        }
        prop_assert_eq!(&copies[0], &leader);
        prop_assert_eq!(&twin.1, &leader);
        prop_assert_eq!(contents(&copies[1]), contents(&leader));
    }

    /// A statement without functions and with an order that decides does the same wherever rows are stored.
    #[test]
    fn a_statement_that_hangs_on_nothing_but_the_data_does_the_same_anywhere(
        set in -9_i64..9, least in -9_i64..9, limit in 0_u64..4, values in proptest::collection::vec((-9_i64..9, -9_i64..9), 0..8)
    ) {
        let mut texts: Vec<String> = values.iter().map(|(a, b)| format!("INSERT INTO keyed (a, b) VALUES ({a}, {b})")).collect();
        texts.push(format!("UPDATE keyed SET a = a + {set} WHERE b >= {least} ORDER BY id LIMIT {limit}"));
        texts.push(format!("DELETE FROM keyed WHERE a = {least}"));
        let copy = |reversed| {
            let mut around = Counting { reversed, ..Counting::default() };
            let mut tables = start(&mut around);
            for text in &texts {
                run(&read(text), &tables, &mut around).unwrap().effect.apply(&mut tables, &Placed::Exactly);
            }
            contents(&tables)
        };
        prop_assert_eq!(copy(false), copy(true));
    }
}
