//! What signs do: their types, their cost, their nodes.

use std::ops::Range;
use std::sync::Arc;

use super::cost::Cost;
use super::parse::{Parsed, Parser};
use super::part::{Part, above, from_to};
use super::types::Type;
use super::value::{Node, Relation, Sign, Value};

/// The words a guarantee can be.
const VERDICTS: [&str; 4] = ["yes", "no", "unknown", "untested"];

impl Parser<'_> {
    /// Two parts and the sign between them.
    pub(super) fn joined(&mut self, left: Part, sign: &str, at: &Range<usize>, right: Part) -> Parsed {
        match sign {
            "&&" => self.logic(left, right, Node::Both, |node| if let Node::Both(parts) = node { Ok(parts) } else { Err(node) }),
            "||" => self.logic(left, right, Node::Either, |node| if let Node::Either(parts) = node { Ok(parts) } else { Err(node) }),
            "in" => self.contained(left, at, right),
            "+" if left.gives.is_list() || left.gives.fits(Type::TEXT) && !left.gives.fits(Type::NUMBER) => {
                self.put_together(left, at, right)
            }
            "+" => self.calculation(left, Sign::Plus, at, right),
            "-" => self.calculation(left, Sign::Minus, at, right),
            "*" => self.calculation(left, Sign::Times, at, right),
            "/" => self.calculation(left, Sign::Over, at, right),
            "%" => Ok(self.wrong_part(at, "`%` is for whole numbers, and every number here can have a fraction")),
            _ => match Relation::named(sign) {
                Some(relation) => self.comparison(left, relation, at, right),
                None => Err(self.unexpected()),
            },
        }
    }

    /// `&&` and `||`: a chain of them is one node.
    fn logic(&mut self, left: Part, right: Part, make: fn(Vec<Node>) -> Node, open: fn(Node) -> Result<Vec<Node>, Node>) -> Parsed {
        self.must(&left, Type::BOOL);
        self.must(&right, Type::BOOL);
        let (cost, at) = (Cost::small(&[left.cost, right.cost]), from_to(&left.at, &right.at));
        let (mut parts, height) = match open(left.node) {
            Ok(parts) => (parts, left.height.max(above(&[right.height]))),
            Err(node) => (vec![node], above(&[left.height, right.height])),
        };
        parts.push(right.node);
        self.node(Part { node: make(parts), gives: Type::BOOL, cost, at, height })
    }

    /// A chain of numbers is one node, which goes from left to right.
    fn calculation(&mut self, left: Part, sign: Sign, sign_at: &Range<usize>, right: Part) -> Parsed {
        self.must(&left, Type::NUMBER);
        match sign {
            Sign::Plus if left.gives.fits(Type::NUMBER) => self.alike(sign_at, &left, &right),
            Sign::Plus => {}
            _ => self.must(&right, Type::NUMBER),
        }
        let (cost, at) = (Cost::small(&[left.cost, right.cost]), from_to(&left.at, &right.at));
        let (first, mut rest, height) = match left.node {
            Node::Calculation(first, rest) => (first, rest, left.height.max(above(&[right.height]))),
            node => (Box::new(node), Vec::new(), above(&[left.height, right.height])),
        };
        rest.push((sign, right.node));
        self.node(Part { node: Node::Calculation(first, rest), gives: Type::NUMBER, cost, at, height })
    }

    /// `+` between texts or lists.
    fn put_together(&mut self, left: Part, sign: &Range<usize>, right: Part) -> Parsed {
        self.alike(sign, &left, &right);
        let (cost, at) = (Cost::whole(&[left.cost, right.cost]), from_to(&left.at, &right.at));
        let gives = left.gives.or(right.gives).made();
        let (mut parts, height) = match left.node {
            Node::Join(parts) => (parts, left.height.max(above(&[right.height]))),
            node => (vec![node], above(&[left.height, right.height])),
        };
        parts.push(right.node);
        self.node(Part { node: Node::Join(parts), gives, cost, at, height })
    }

    fn comparison(&mut self, left: Part, relation: Relation, sign: &Range<usize>, right: Part) -> Parsed {
        if relation.is_ordering() {
            self.ordered(sign, &left, &right);
        } else {
            self.alike(sign, &left, &right);
            self.verdict_word(left.gives, &right);
            self.verdict_word(right.gives, &left);
            self.setting_word(&left, &right);
            self.setting_word(&right, &left);
        }
        let (cost, at) = (Cost::small(&[left.cost, right.cost]), from_to(&left.at, &right.at));
        let height = above(&[left.height, right.height]);
        let node = Node::Comparison(relation, Box::new([left.node, right.node]));
        self.node(Part { node, gives: Type::BOOL, cost, at, height })
    }

    /// `"n2" in lag`, `leaders in [1, 2]`.
    fn contained(&mut self, left: Part, sign: &Range<usize>, right: Part) -> Parsed {
        match right.gives.item() {
            Some(item) if !left.gives.fits(item) => {
                self.wrong(sign, format!("{} is never in {}", left.gives.words(), described(right.gives, item)));
            }
            Some(_) => {
                self.verdict_word(left.gives, &right);
                self.setting_word(&left, &right);
            }
            None => self.wrong(sign, "`in` wants a list, or a fact with a number for each name, after it"),
        }
        let (cost, at) = (Cost::small(&[left.cost, right.cost]), from_to(&left.at, &right.at));
        let height = above(&[left.height, right.height]);
        self.node(Part { node: Node::In(Box::new([left.node, right.node])), gives: Type::BOOL, cost, at, height })
    }

    /// `!` and `-` before a part.
    pub(super) fn signed(&mut self, sign: &str, sign_at: &Range<usize>, part: Part) -> Parsed {
        let gives = if sign == "!" { Type::BOOL } else { Type::NUMBER };
        self.must(&part, gives);
        let node = match part.node {
            Node::Value(Value::Number(x)) => Node::Value(Value::Number(-x)),
            node if sign == "!" => Node::Not(Box::new(node)),
            node => Node::Negative(Box::new(node)),
        };
        let (cost, at) = (Cost::small(&[part.cost]), from_to(sign_at, &part.at));
        self.node(Part { node, gives, cost, at, height: above(&[part.height]) })
    }

    /// `test ? yes : no`.
    pub(super) fn choice(&mut self, test: Part, yes: Part, no: Part) -> Parsed {
        self.must(&test, Type::BOOL);
        if !no.gives.fits(yes.gives) {
            self.wrong(&no.at, format!("both sides of `:` must be alike: {} and {}", yes.gives.words(), no.gives.words()));
        }
        let gives = yes.gives.or(no.gives);
        let (cost, at) = (Cost::whole(&[test.cost, yes.cost, no.cost]), from_to(&test.at, &no.at));
        let height = above(&[test.height, yes.height, no.height]);
        self.node(Part { node: Node::Choice(Box::new([test.node, yes.node, no.node])), gives, cost, at, height })
    }

    /// The elements of `[...]`, from its first sign on.
    pub(super) fn list(&mut self, open: &Range<usize>) -> Parsed {
        let (parts, end) = self.parts("]")?;
        let of = parts.iter().fold(Type::ANY, |of, part| of.or(part.gives));
        if let Some(other) = parts.iter().find(|part| !part.gives.fits(of)) {
            self.wrong(&other.at, format!("a list holds things that are alike, not {} and {}", of.words(), other.gives.words()));
        }
        let costs: Vec<Cost> = parts.iter().map(|part| part.cost).collect();
        let heights: Vec<u16> = parts.iter().map(|part| part.height).collect();
        let node = listed(parts.into_iter().map(|part| part.node).collect());
        self.node(Part { node, gives: of.listed(), cost: Cost::list(&costs), at: from_to(open, &end), height: above(&heights) })
    }

    /// Notes where something else stands than must.
    pub(super) fn must(&mut self, part: &Part, wanted: Type) {
        if !part.gives.fits(wanted) {
            self.wrong(&part.at, format!("{} must stand here, not {}", wanted.words(), part.gives.words()));
        }
    }

    fn alike(&mut self, sign: &Range<usize>, a: &Part, b: &Part) {
        if let Some(span) = lonely_span(a, b) {
            let word = &self.text[span.clone()];
            let message = format!(
                "a length of time goes only into functions over time, such as `max_over(FACT, {word})`, or beside a setting that is one; here it meets a number"
            );
            self.wrong(&span, message);
        } else if !a.gives.fits(b.gives) {
            self.wrong(sign, format!("{} cannot be set against {}", a.gives.words(), b.gives.words()));
        }
    }

    fn ordered(&mut self, sign: &Range<usize>, a: &Part, b: &Part) {
        let has_order = |part: &&Part| [Type::NUMBER, Type::SPAN, Type::TEXT, Type::ANY].contains(&part.gives);
        match [a, b].into_iter().find(|part| !has_order(part)) {
            Some(part) if part.gives == Type::NAMED => {
                let one = self.one_of(part);
                self.wrong(sign, format!("this is a number for each name; name one, as in `{one}`"));
            }
            Some(part) => self.wrong(sign, format!("{} has no order", part.gives.words())),
            None => self.alike(sign, a, b),
        }
    }

    /// A guarantee can only be one of four words.
    fn verdict_word(&mut self, guarantee: Type, other: &Part) {
        if guarantee != Type::VERDICT {
            return;
        }
        let is_strange = |value: &Value| matches!(value, Value::Text(word) if !VERDICTS.contains(&&**word));
        let is_wrong = match &other.node {
            Node::Value(Value::List(words)) => words.iter().any(is_strange),
            Node::Value(value) => is_strange(value),
            _ => false,
        };
        if is_wrong {
            self.wrong(&other.at, "a guarantee is \"yes\", \"no\", \"unknown\" or \"untested\"");
        }
    }
}

/// Where a length of time is written that is set against a number.
fn lonely_span(a: &Part, b: &Part) -> Option<Range<usize>> {
    let is_literal = |part: &Part| part.gives == Type::SPAN && matches!(part.node, Node::Value(_));
    [(a, b), (b, a)].into_iter().find(|(span, other)| is_literal(span) && other.gives == Type::NUMBER).map(|(span, _)| span.at.clone())
}

/// A list; one of literals is made once.
fn listed(nodes: Vec<Node>) -> Node {
    let literal = |node: &Node| if let Node::Value(value) = node { Some(value.clone()) } else { None };
    match nodes.iter().map(literal).collect::<Option<Arc<[_]>>>() {
        Some(values) => Node::Value(Value::List(values)),
        None => Node::List(nodes),
    }
}

fn described(range: Type, item: Type) -> String {
    if range == Type::NAMED {
        "the names of a fact, which are texts".to_string()
    } else {
        format!("a list, each element of which is {}", item.words())
    }
}
