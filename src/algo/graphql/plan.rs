//! A query that fits the schema: what it reads, how deep and how much, and the size of its answer.

use crate::near::did_you_mean;

use super::query::{BadQuery, Field, Literal, Query};
use super::schema::{Gives, Scalar, Type, TypeField};

/// The length of a list whose query does not say it.
const FIRST: u32 = 10;
/// The longest list.
const FIRST_MOST: u32 = 1_000;

/// A query that fits the schema.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Plan {
    /// The places where objects are read. The first is the root; the parent of each comes before it.
    pub nodes: Vec<PlanNode>,
}

/// A place of a query where objects are read: a field that leads to objects, with what is wanted of them.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PlanNode {
    /// What it is called in the answer.
    pub key: String,
    /// The field that leads here; `None`: the root.
    pub field: Option<TypeField>,
    /// The type of its objects.
    pub to: Type,
    /// The number of its parent.
    pub parent: usize,
    /// How many objects there are for each of its parent.
    pub first: u32,
    /// The number of the object that is asked for by it, where the query says it.
    pub id: Option<u32>,
    /// The plain values that are wanted, with what they are called in the answer.
    pub scalars: Vec<(String, Scalar)>,
    /// The numbers of its children.
    pub children: Vec<usize>,
}

/// What is missing in an answer because it failed (section 6.4.4).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Null<'a> {
    /// The name of the field that fails.
    pub field: Option<&'a str>,
    /// Whether it may not be null: then the object that it belongs to is null in its place.
    pub climbs: bool,
}

impl Plan {
    /// The plan of a query; the error says which field does not fit, and what would.
    pub fn of(query: &Query) -> Result<Plan, BadQuery> {
        let root = PlanNode {
            key: String::new(),
            field: None,
            to: Type::Query,
            parent: 0,
            first: 1,
            id: None,
            scalars: Vec::new(),
            children: Vec::new(),
        };
        let mut plan = Plan { nodes: vec![root] };
        plan.add_all(0, &query.fields)?;
        Ok(plan)
    }

    fn add_all(&mut self, parent: usize, fields: &[Field]) -> Result<(), BadQuery> {
        let to = self.nodes[parent].to;
        for (at, field) in fields.iter().enumerate() {
            if fields[..at].iter().any(|before| before.key() == field.key()) {
                let (key, name) = (field.key(), &field.name);
                return Err(wrong(format!(
                    "`{key}` stands twice here; GraphQL would make one of them (section 5.3.2), which is not known here: an alias tells them apart: `b: {name}`"
                )));
            }
            match to.field(&field.name) {
                Some(Gives::Value(scalar)) => self.add_value(parent, field, scalar)?,
                Some(Gives::Objects(link)) => self.add_objects(parent, field, link)?,
                None => return Err(unknown(to, &field.name)),
            }
        }
        Ok(())
    }

    fn add_value(&mut self, parent: usize, field: &Field, scalar: Scalar) -> Result<(), BadQuery> {
        if !field.fields.is_empty() || !field.arguments.is_empty() {
            return Err(wrong(format!("`{}` is a plain value: it has no fields and takes no arguments", field.name)));
        }
        self.nodes[parent].scalars.push((field.key().to_string(), scalar));
        Ok(())
    }

    fn add_objects(&mut self, parent: usize, field: &Field, link: TypeField) -> Result<(), BadQuery> {
        if field.fields.is_empty() {
            let names: Vec<&str> = link.to.names().take(4).collect();
            return Err(wrong(format!(
                "`{0}` leads to a {1}; say what of it: `{0} {{ {2} }}`",
                field.name,
                link.to.name(),
                names.join(" ")
            )));
        }
        let (first, id) = arguments(field, link, self.nodes[parent].to)?;
        let number = self.nodes.len();
        let (key, to) = (field.key().to_string(), link.to);
        let node = PlanNode { key, field: Some(link), to, parent, first, id, scalars: Vec::new(), children: Vec::new() };
        self.nodes.push(node);
        self.nodes[parent].children.push(number);
        self.add_all(number, &field.fields)
    }

    /// How deep it is: the most fields from the root to a plain value.
    pub fn depth(&self) -> u32 {
        let levels = |mut node: usize| {
            let mut depth = u32::from(!self.nodes[node].scalars.is_empty());
            while node != 0 {
                (node, depth) = (self.nodes[node].parent, depth + 1);
            }
            depth
        };
        (0..self.nodes.len()).map(levels).max().unwrap_or(0)
    }

    /// How many objects the answer has, where every list is full: list sizes multiplied, and summed over the query.
    pub fn cost(&self) -> u64 {
        let mut times = vec![1u64; self.nodes.len()];
        for (number, node) in self.nodes.iter().enumerate().skip(1) {
            times[number] = times[node.parent].saturating_mul(u64::from(node.first));
        }
        times[1..].iter().fold(0, |sum, more| sum.saturating_add(*more))
    }

    /// The objects that a place leads to from one object.
    pub fn follow(&self, number: usize, from: u32) -> impl Iterator<Item = u32> + use<> {
        let node = &self.nodes[number];
        let (parent, field, id) = (self.nodes[node.parent].to, node.field, node.id);
        (0..node.first).filter_map(move |place| id.or_else(|| Some(parent.follow(from, &field?, place))))
    }

    /// The bytes of the answer as JSON without blanks, and how many errors it names.
    pub fn answer(&self, null: Null<'_>) -> (u64, u64) {
        let (data, errors) = self.object(0, null);
        let data = r#"{"data":}"#.len() as u64 + data.unwrap_or(NULL);
        if errors == 0 {
            return (data, 0);
        }
        let list = r#","errors":[]"#.len() as u64 + listed(errors, 0) + self.errors(null);
        (data + list, errors)
    }

    /// The bytes of all errors.
    fn errors(&self, null: Null<'_>) -> u64 {
        let Some(field) = null.field else { return 0 };
        let of_values = self.nodes.iter().enumerate().flat_map(|(number, node)| {
            node.scalars.iter().filter(move |(_, scalar)| scalar.name == field).map(move |(key, _)| (number, key.as_str()))
        });
        let fails = |node: &&PlanNode| node.field.is_some_and(|link| link.name == field);
        let of_objects = self.nodes.iter().filter(fails).map(|node| (node.parent, node.key.as_str()));
        of_values
            .chain(of_objects)
            .filter(|(number, _)| !self.is_under(*number, field))
            .map(|(number, key)| self.errors_at(number, key, field))
            .sum()
    }

    /// Whether a place is not there because something above it failed.
    fn is_under(&self, mut number: usize, field: &str) -> bool {
        while number != 0 {
            if self.nodes[number].field.is_some_and(|link| link.name == field) {
                return true;
            }
            number = self.nodes[number].parent;
        }
        false
    }

    /// The bytes of the errors of one field of all objects of a place: their paths differ in the places of lists.
    fn errors_at(&self, mut number: usize, key: &str, field: &str) -> u64 {
        let (mut path, mut lists, mut objects) = (vec![Step::Key(key.to_string())], Vec::new(), 1);
        while number != 0 {
            let node = &self.nodes[number];
            if node.field.is_some_and(|link| link.many) {
                lists.push(u64::from(node.first));
                objects *= u64::from(node.first);
                path.insert(0, Step::Place(0));
            }
            path.insert(0, Step::Key(node.key.clone()));
            number = node.parent;
        }
        let more: u64 = lists.iter().map(|length| objects / length * (digits(*length) - length)).sum();
        objects * error(field, &path).len() as u64 + more
    }

    /// The bytes of one object of a place, `None` where it is null, and how many errors are in it.
    fn object(&self, number: usize, null: Null<'_>) -> (Option<u64>, u64) {
        let node = &self.nodes[number];
        let scalars = node.scalars.iter().map(|(key, scalar)| {
            let fails = null.field == Some(scalar.name);
            (key, Some(if fails { NULL } else { scalar.bytes }), u64::from(fails), fails)
        });
        let children = node.children.iter().map(|child| {
            let fails = self.nodes[*child].field.is_some_and(|field| null.field == Some(field.name));
            let (bytes, errors) = if fails { (Some(NULL), 1) } else { self.value(*child, null) };
            (&self.nodes[*child].key, bytes, errors, fails)
        });
        let (mut bytes, mut errors, mut fields, mut is_null) = (0, 0, 0, false);
        for (key, value, more, fails) in scalars.chain(children) {
            bytes += key.len() as u64 + r#""":"#.len() as u64 + value.unwrap_or(NULL);
            (errors, fields) = (errors + more, fields + 1);
            is_null |= fails && null.climbs;
        }
        if is_null { (None, errors) } else { (Some(2 + listed(fields, 0) + bytes), errors) }
    }

    /// The bytes of what a place gives for one object of its parent.
    fn value(&self, number: usize, null: Null<'_>) -> (Option<u64>, u64) {
        let node = &self.nodes[number];
        let (bytes, errors) = self.object(number, null);
        if !node.field.is_some_and(|field| field.many) {
            return (bytes, errors);
        }
        let count = u64::from(node.first);
        (Some(2 + listed(count, bytes.unwrap_or(NULL))), errors * count)
    }

    /// The bytes of what one request for one resource brings: objects with all their values, and the numbers of those that they lead to.
    pub fn resource(&self, number: usize) -> u64 {
        let node = &self.nodes[number];
        let links = node.to.links().iter().filter(|link| !link.many).map(|link| link.name.len() as u64 + LINK);
        let values = node.to.scalars().iter().map(|scalar| scalar.name.len() as u64 + r#""":"#.len() as u64 + scalar.bytes);
        let all: Vec<u64> = values.chain(links).collect();
        let object = 2 + listed(all.len() as u64, 0) + all.iter().sum::<u64>();
        if node.field.is_some_and(|field| field.many) { 2 + listed(node.first.into(), object) } else { object }
    }
}

/// The bytes of `null`.
const NULL: u64 = 4;
/// `"":` and a number that names an object.
const LINK: u64 = 3 + 6;

/// So many things of the same size with commas between.
fn listed(count: u64, bytes: u64) -> u64 {
    count * bytes + count.saturating_sub(1)
}

/// All digits of the numbers below this.
fn digits(below: u64) -> u64 {
    (0..below).map(|number| number.checked_ilog10().map_or(1, |log| u64::from(log) + 1)).sum()
}

/// A part of the path to what failed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Step {
    /// What a field is called in the answer.
    Key(String),
    /// A place in a list, from 0.
    Place(u32),
}

/// An error as it stands in an answer (section 7.1.2).
pub(super) fn error(field: &str, path: &[Step]) -> String {
    let step = |step: &Step| match step {
        Step::Key(key) => format!("\"{key}\""),
        Step::Place(place) => place.to_string(),
    };
    let path: Vec<String> = path.iter().map(step).collect();
    format!(r#"{{"message":"{field} is not available","path":[{}]}}"#, path.join(","))
}

fn arguments(field: &Field, link: TypeField, of: Type) -> Result<(u32, Option<u32>), BadQuery> {
    let (mut first, mut id) = (if link.many { FIRST } else { 1 }, None);
    for (name, value) in &field.arguments {
        match (name.as_str(), value) {
            ("first", Literal::Number(number)) if link.many && (1..=FIRST_MOST).contains(number) => first = *number,
            ("id", Literal::Number(number)) if !link.many && of == Type::Query && (1..=FIRST_MOST).contains(number) => id = Some(*number),
            _ if link.many => return Err(wrong(format!("`{}` takes `first`, a number from 1 to {FIRST_MOST}", field.name))),
            _ if of == Type::Query => return Err(wrong(format!("`{}` takes `id`, a number from 1 to {FIRST_MOST}", field.name))),
            _ => return Err(wrong(format!("`{}` takes no arguments", field.name))),
        }
    }
    Ok((first, id))
}

fn wrong(message: String) -> BadQuery {
    BadQuery { at: 0, message }
}

fn unknown(of: Type, name: &str) -> BadQuery {
    let near = did_you_mean(name, of.names());
    let names: Vec<&str> = of.names().collect();
    wrong(format!("{} has no field `{name}`; it has {}{near}", of.name(), names.join(", ")))
}
