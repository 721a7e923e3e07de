//! Reads a statement. Words of the language may be in capitals or small letters; a `;` may end it.

use super::cell::Cell;
use super::print;
use super::statement::{
    Assignment, Column, Comparison, Create, Delete, Expr, Function, Insert, Name, Operator, Pick, Select, Statement, Test, Update,
};
use super::tokens::{BadStatement, Token, tokens};

type Parsed<T> = Result<T, BadStatement>;

/// The longest statement, in bytes.
const LENGTH_MAX: usize = 8 * 1024;
/// How deep parentheses may stand in each other.
const DEPTH_MAX: usize = 32;

/// Reads a statement. The error points at what is wrong and says what would be right.
pub fn parse(text: &str) -> Parsed<Statement> {
    if text.len() > LENGTH_MAX {
        return Err(BadStatement { offset: LENGTH_MAX, message: format!("a statement has at most {LENGTH_MAX} characters") });
    }
    let tokens = tokens(text)?;
    let mut parser = Parser { tokens: &tokens, at: 0, depth: 0 };
    let statement = parser.statement()?;
    parser.eat_sign(";");
    match parser.peek() {
        Token::End => Ok(statement),
        other => Err(parser.wrong(&format!("{} is not expected here", other.says()))),
    }
}

struct Parser<'a> {
    tokens: &'a [(usize, Token<'a>)],
    at: usize,
    depth: usize,
}

impl<'a> Parser<'a> {
    fn statement(&mut self) -> Parsed<Statement> {
        if self.eat("BEGIN") {
            return Ok(Statement::Begin);
        }
        if self.eat("COMMIT") {
            return Ok(Statement::Commit);
        }
        if self.eat("ROLLBACK") {
            return Ok(Statement::Rollback);
        }
        if self.eat("CREATE") {
            return self.create().map(Statement::Create);
        }
        if self.eat("INSERT") {
            return self.insert().map(Statement::Insert);
        }
        if self.eat("UPDATE") {
            return self.update().map(Statement::Update);
        }
        if self.eat("DELETE") {
            self.word("FROM")?;
            return Ok(Statement::Delete(Delete { table: self.table()?, pick: self.pick()? }));
        }
        if self.eat("SELECT") {
            return self.select().map(Statement::Select);
        }
        let said = self.peek().says();
        Err(self.wrong(&format!("{said} begins no statement; INSERT, UPDATE, DELETE, SELECT, CREATE TABLE, BEGIN, COMMIT and ROLLBACK do")))
    }

    fn create(&mut self) -> Parsed<Create> {
        self.word("TABLE")?;
        let table = self.table()?;
        self.sign("(")?;
        let columns = self.list(Self::column)?;
        self.sign(")")?;
        let twice = |column: &Column| columns.iter().filter(|other| other.name == column.name).count() > 1;
        if let Some(column) = columns.iter().find(|column| twice(column)) {
            return Err(self.wrong(&format!("the column `{}` is there twice", column.name)));
        }
        if columns.iter().filter(|column| column.primary).count() > 1 {
            return Err(self.wrong("a table has one primary key, of one column"));
        }
        Ok(Create { table, columns: columns.into() })
    }

    fn column(&mut self) -> Parsed<Column> {
        let name = self.name("the name of a column")?;
        let auto = self.eat("AUTO_INCREMENT");
        let mut primary = auto;
        if self.eat("PRIMARY") {
            self.word("KEY")?;
            primary = true;
        }
        Ok(Column { name, primary, auto })
    }

    fn insert(&mut self) -> Parsed<Insert> {
        self.word("INTO")?;
        let table = self.table()?;
        let mut columns = Vec::new();
        if self.eat_sign("(") {
            columns = self.list(|parser| parser.name("the name of a column"))?;
            self.sign(")")?;
        }
        self.word("VALUES")?;
        let rows = self.list(|parser| {
            parser.sign("(")?;
            let row = parser.list(Self::expr)?;
            parser.sign(")")?;
            Ok(row)
        })?;
        Ok(Insert { table, columns, rows })
    }

    fn update(&mut self) -> Parsed<Update> {
        let table = self.table()?;
        self.word("SET")?;
        let set = self.list(|parser| {
            let column = parser.name("the name of a column")?;
            parser.sign("=")?;
            Ok(Assignment { column, value: parser.expr()? })
        })?;
        Ok(Update { table, set, pick: self.pick()? })
    }

    fn select(&mut self) -> Parsed<Select> {
        let columns = if self.eat_sign("*") { Vec::new() } else { self.list(|parser| parser.name("the name of a column, or `*`,"))? };
        self.word("FROM")?;
        Ok(Select { columns, table: self.table()?, pick: self.pick()? })
    }

    fn pick(&mut self) -> Parsed<Pick> {
        let test = if self.eat("WHERE") { Some(self.test()?) } else { None };
        let mut order = None;
        if self.eat("ORDER") {
            self.word("BY")?;
            let column = self.name("the name of a column")?;
            let greatest_first = self.eat("DESC");
            if !greatest_first {
                self.eat("ASC");
            }
            order = Some((column, greatest_first));
        }
        let limit = if self.eat("LIMIT") { Some(self.count()?) } else { None };
        Ok(Pick { test, order, limit })
    }

    fn test(&mut self) -> Parsed<Test> {
        let mut test = self.all_of()?;
        while self.eat("OR") {
            test = Test::Or(Box::new(test), Box::new(self.all_of()?));
        }
        Ok(test)
    }

    fn all_of(&mut self) -> Parsed<Test> {
        let mut test = self.one_test()?;
        while self.eat("AND") {
            test = Test::And(Box::new(test), Box::new(self.one_test()?));
        }
        Ok(test)
    }

    /// A comparison, or a test in parentheses: which of the two, its inside says.
    fn one_test(&mut self) -> Parsed<Test> {
        let start = self.at;
        if self.eat_sign("(") {
            let within = self.deeper(Self::test);
            if within.is_ok() && self.eat_sign(")") && !self.goes_on() {
                return within;
            }
            self.at = start;
        }
        let left = self.expr()?;
        let Some(how) = self.one_of(&Comparison::ALL) else {
            let said = self.peek().says();
            return Err(self.wrong(&format!("here comes a comparison, such as `= 1` or `< 20`, not {said}")));
        };
        Ok(Test::Compare(left, how, self.expr()?))
    }

    /// Whether an expression goes on here.
    fn goes_on(&self) -> bool {
        let Token::Sign(sign) = self.peek() else { return false };
        Operator::ALL.iter().any(|(_, known)| known == sign) || Comparison::ALL.iter().any(|(_, known)| known == sign)
    }

    fn expr(&mut self) -> Parsed<Expr> {
        self.calculation(false, |parser| parser.calculation(true, Self::factor))
    }

    /// Parts with operators of one rank between them, from left to right.
    fn calculation(&mut self, binds: bool, part: fn(&mut Self) -> Parsed<Expr>) -> Parsed<Expr> {
        let mut left = part(self)?;
        while let Some(operator) = self.operator(binds) {
            left = Expr::Calculate(Box::new(left), operator, Box::new(part(self)?));
        }
        Ok(left)
    }

    fn operator(&mut self, binds: bool) -> Option<Operator> {
        let start = self.at;
        let operator = self.one_of(&Operator::ALL).filter(|operator| operator.binds() == binds);
        if operator.is_none() {
            self.at = start;
        }
        operator
    }

    fn factor(&mut self) -> Parsed<Expr> {
        if self.eat_sign("(") {
            let within = self.deeper(Self::expr)?;
            self.sign(")")?;
            return Ok(within);
        }
        let negative = self.eat_sign("-");
        let value = match self.peek().clone() {
            Token::Number(number) if negative => number.negative().map(|number| Expr::Value(Cell::Number(number))),
            Token::Number(number) => Some(Expr::Value(Cell::Number(number))),
            Token::Text(text) if !negative => Some(Expr::Value(Cell::text(&text))),
            Token::Word(word) if !negative => return self.named(word),
            _ => None,
        };
        let said = self.peek().says();
        let value = value.ok_or_else(|| self.wrong(&format!("here comes a value, such as 7, 'Dune', stock or NOW(), not {said}")))?;
        self.at += 1;
        Ok(value)
    }

    /// A column, a function or `NULL`.
    fn named(&mut self, word: &str) -> Parsed<Expr> {
        if self.eat("NULL") {
            return Ok(Expr::Value(Cell::Null));
        }
        if !matches!(self.tokens.get(self.at + 1), Some((_, Token::Sign("(")))) {
            return self.name("a value").map(Expr::Column);
        }
        let function = Function::ALL.iter().find(|(_, name)| name.eq_ignore_ascii_case(word)).map(|(function, _)| *function);
        let Some(function) = function else {
            return Err(self.wrong(&format!("`{word}()` is no function here; NOW(), RAND() and UUID() are")));
        };
        self.at += 1;
        self.sign("(")?;
        self.sign(")")?;
        Ok(Expr::Call(function))
    }

    fn deeper<T>(&mut self, read: fn(&mut Self) -> Parsed<T>) -> Parsed<T> {
        self.depth += 1;
        let read = if self.depth > DEPTH_MAX { Err(self.wrong("parentheses stand too deep in each other")) } else { read(self) };
        self.depth -= 1;
        read
    }

    /// One or more, with commas between them.
    fn list<T>(&mut self, mut one: impl FnMut(&mut Self) -> Parsed<T>) -> Parsed<Vec<T>> {
        let mut all = vec![one(self)?];
        while self.eat_sign(",") {
            all.push(one(self)?);
        }
        Ok(all)
    }

    fn table(&mut self) -> Parsed<Name> {
        self.name("the name of a table")
    }

    fn name(&mut self, what: &str) -> Parsed<Name> {
        let name = if let Token::Word(word) = self.peek() { print::name(word) } else { None };
        let said = self.peek().says();
        let name = name.ok_or_else(|| self.wrong(&format!("{what} comes here, not {said}")))?;
        self.at += 1;
        Ok(name)
    }

    fn count(&mut self) -> Parsed<u64> {
        let count = if let Token::Number(number) = self.peek() { number.as_whole() } else { None };
        let said = self.peek().says();
        let count = count.and_then(|n| u64::try_from(n).ok());
        let count = count.ok_or_else(|| self.wrong(&format!("a whole number comes here, such as 1, not {said}")))?;
        self.at += 1;
        Ok(count)
    }

    fn one_of<T: Copy>(&mut self, all: &[(T, &'static str)]) -> Option<T> {
        let Token::Sign(sign) = self.peek() else { return None };
        let (found, _) = all.iter().find(|(_, known)| known == sign)?;
        self.at += 1;
        Some(*found)
    }

    fn peek(&self) -> &'a Token<'a> {
        self.tokens.get(self.at).map_or(&Token::End, |(_, token)| token)
    }

    /// Takes the next word if it is this one.
    fn eat(&mut self, word: &str) -> bool {
        let found = matches!(self.peek(), Token::Word(next) if next.eq_ignore_ascii_case(word));
        self.at += usize::from(found);
        found
    }

    fn eat_sign(&mut self, sign: &str) -> bool {
        let found = matches!(self.peek(), Token::Sign(next) if *next == sign);
        self.at += usize::from(found);
        found
    }

    fn word(&mut self, word: &str) -> Parsed<()> {
        let said = self.peek().says();
        if self.eat(word) { Ok(()) } else { Err(self.wrong(&format!("`{word}` comes here, not {said}"))) }
    }

    fn sign(&mut self, sign: &str) -> Parsed<()> {
        let said = self.peek().says();
        if self.eat_sign(sign) { Ok(()) } else { Err(self.wrong(&format!("`{sign}` comes here, not {said}"))) }
    }

    fn wrong(&self, message: &str) -> BadStatement {
        let offset = self.tokens.get(self.at).map_or(0, |(offset, _)| *offset);
        BadStatement { offset, message: message.to_string() }
    }
}
