//! The schema of a bookshop, and what is in it: which object a field leads to follows from numbers, so that no table of rows is kept.

/// A type of objects.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Type {
    /// The root of a query.
    Query,
    /// Who buys.
    Customer,
    /// What somebody bought.
    Order,
    /// A book.
    Book,
    /// Who wrote it.
    Author,
    /// What somebody said of it.
    Review,
}

/// A field that is a plain value, and the bytes of that value as JSON.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Scalar {
    /// Its name.
    pub name: &'static str,
    /// The bytes of its value.
    pub bytes: u64,
}

/// A field that leads to objects.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct TypeField {
    /// Its name.
    pub name: &'static str,
    /// To which type.
    pub to: Type,
    /// Whether to a list of them: it takes `first`.
    pub many: bool,
}

/// What a field gives.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Gives {
    /// A plain value.
    Value(Scalar),
    /// Objects.
    Objects(TypeField),
}

const fn scalar(name: &'static str, bytes: u64) -> Scalar {
    Scalar { name, bytes }
}

const fn one(name: &'static str, to: Type) -> TypeField {
    TypeField { name, to, many: false }
}

const fn many(name: &'static str, to: Type) -> TypeField {
    TypeField { name, to, many: true }
}

static CUSTOMER: [Scalar; 20] = [
    scalar("id", 6),
    scalar("name", 14),
    scalar("email", 26),
    scalar("phone", 16),
    scalar("street", 24),
    scalar("city", 12),
    scalar("zip", 7),
    scalar("country", 4),
    scalar("language", 4),
    scalar("currency", 5),
    scalar("birthday", 12),
    scalar("since", 12),
    scalar("seen", 22),
    scalar("points", 5),
    scalar("level", 8),
    scalar("news", 5),
    scalar("picture", 44),
    scalar("vat", 13),
    scalar("company", 20),
    scalar("note", 40),
];
static ORDER: [Scalar; 8] = [
    scalar("id", 6),
    scalar("date", 12),
    scalar("state", 9),
    scalar("total", 6),
    scalar("currency", 5),
    scalar("parcel", 18),
    scalar("paid", 5),
    scalar("note", 40),
];
static BOOK: [Scalar; 20] = [
    scalar("id", 6),
    scalar("title", 28),
    scalar("subtitle", 36),
    scalar("isbn", 15),
    scalar("price", 6),
    scalar("currency", 5),
    scalar("pages", 4),
    scalar("year", 4),
    scalar("language", 4),
    scalar("publisher", 20),
    scalar("edition", 3),
    scalar("format", 11),
    scalar("weight", 5),
    scalar("stock", 4),
    scalar("cover", 44),
    scalar("stars", 3),
    scalar("subject", 16),
    scalar("shelf", 8),
    scalar("blurb", 200),
    scalar("sample", 44),
];
static AUTHOR: [Scalar; 5] = [scalar("id", 5), scalar("name", 16), scalar("born", 4), scalar("country", 4), scalar("about", 120)];
static REVIEW: [Scalar; 5] = [scalar("id", 7), scalar("stars", 1), scalar("date", 12), scalar("title", 24), scalar("text", 160)];

static OF_QUERY: [TypeField; 3] = [one("customer", Type::Customer), many("orders", Type::Order), many("books", Type::Book)];
static OF_CUSTOMER: [TypeField; 1] = [many("orders", Type::Order)];
static OF_ORDER: [TypeField; 2] = [one("customer", Type::Customer), one("book", Type::Book)];
static OF_BOOK: [TypeField; 2] = [one("author", Type::Author), many("reviews", Type::Review)];
static OF_AUTHOR: [TypeField; 1] = [many("books", Type::Book)];
static OF_REVIEW: [TypeField; 1] = [one("customer", Type::Customer)];

/// How many customers, books and authors there are.
const CUSTOMERS: u32 = 1_000;
/// Prime to the customers, so that the orders of one customer are of different books.
const BOOKS: u32 = 503;
const AUTHORS: u32 = 100;
/// Neighbouring reviews are of customers far apart.
const APART: u32 = 7;

impl Type {
    /// Every type.
    pub const ALL: [Type; 6] = [Type::Query, Type::Customer, Type::Order, Type::Book, Type::Author, Type::Review];

    /// Its name.
    pub fn name(self) -> &'static str {
        match self {
            Type::Query => "Query",
            Type::Customer => "Customer",
            Type::Order => "Order",
            Type::Book => "Book",
            Type::Author => "Author",
            Type::Review => "Review",
        }
    }

    /// Its plain fields.
    pub fn scalars(self) -> &'static [Scalar] {
        match self {
            Type::Query => &[],
            Type::Customer => &CUSTOMER,
            Type::Order => &ORDER,
            Type::Book => &BOOK,
            Type::Author => &AUTHOR,
            Type::Review => &REVIEW,
        }
    }

    /// Its fields that lead to objects.
    pub fn links(self) -> &'static [TypeField] {
        match self {
            Type::Query => &OF_QUERY,
            Type::Customer => &OF_CUSTOMER,
            Type::Order => &OF_ORDER,
            Type::Book => &OF_BOOK,
            Type::Author => &OF_AUTHOR,
            Type::Review => &OF_REVIEW,
        }
    }

    /// What the field of this name gives.
    pub fn field(self, name: &str) -> Option<Gives> {
        let value = self.scalars().iter().find(|scalar| scalar.name == name).map(|scalar| Gives::Value(*scalar));
        value.or_else(|| self.links().iter().find(|link| link.name == name).map(|link| Gives::Objects(*link)))
    }

    /// The names of all fields, in order.
    pub fn names(self) -> impl Iterator<Item = &'static str> {
        self.scalars().iter().map(|scalar| scalar.name).chain(self.links().iter().map(|link| link.name))
    }

    /// The object that a field of the object with this number leads to; of a list the one at this place, from 0.
    pub fn follow(self, id: u32, field: &TypeField, place: u32) -> u32 {
        match (self, field.to) {
            (Type::Query, _) => place + 1,
            // An order of a customer is of that customer, a book of an author is by that author.
            (Type::Customer, _) => id + place * CUSTOMERS,
            (Type::Author, _) => id + place * AUTHORS,
            (Type::Book, Type::Author) => around(id, AUTHORS),
            (Type::Book, _) => id + place * BOOKS,
            (Type::Review, _) => around(id * APART, CUSTOMERS),
            (_, Type::Book) => around(id, BOOKS),
            (_, _) => around(id, CUSTOMERS),
        }
    }
}

/// A number from 1 to `of`.
fn around(id: u32, of: u32) -> u32 {
    id.saturating_sub(1) % of + 1
}
