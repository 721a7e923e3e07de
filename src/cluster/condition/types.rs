//! Names and types of a condition, with the position of every mistake.

use cel::common::ast::{CallExpr, ComprehensionExpr, Expr, IdedExpr, LiteralValue, SelectExpr, SourceInfo, operators};

use super::{ConditionError, Kind, Mention};
use crate::check::verdict::Guarantee;
use crate::cluster::facts::{FactDoc, FactKind};
use crate::near::did_you_mean;
use crate::sim::id::NodeId;

/// Most loops inside each other.
const LOOPS_MAX: usize = 2;
/// The functions and methods that a condition can call, besides `has` and the loops.
const FUNCTIONS: [&str; 7] = ["size", "contains", "startsWith", "endsWith", "double", "string", "bool"];
/// The words a guarantee can be.
const VERDICTS: [&str; 4] = ["yes", "no", "unknown", "untested"];

/// What an expression gives.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Type {
    Number,
    Bool,
    Text,
    /// The text of a guarantee.
    Verdict,
    PerNode,
    List,
    /// Not known before it runs.
    Any,
}

impl Type {
    const fn words(self) -> &'static str {
        match self {
            Type::Number => "a number",
            Type::Bool => "true or false",
            Type::Text | Type::Verdict => "a text",
            Type::PerNode => "a number for each node",
            Type::List => "a list",
            Type::Any => "anything",
        }
    }

    fn fits(self, wanted: Type) -> bool {
        let plain = |t: Type| if t == Type::Verdict { Type::Text } else { t };
        self == Type::Any || wanted == Type::Any || plain(self) == plain(wanted)
    }
}

/// Walks an expression once.
pub(super) struct Checker<'a> {
    text: &'a str,
    docs: &'a [FactDoc],
    guarantees: &'a [Guarantee],
    source: &'a SourceInfo,
    mentions: Vec<Mention>,
    errors: Vec<ConditionError>,
    /// Variables of the loops around.
    scope: Vec<(String, Type)>,
    loops: usize,
}

impl<'a> Checker<'a> {
    pub(super) fn new(text: &'a str, docs: &'a [FactDoc], guarantees: &'a [Guarantee], source: &'a SourceInfo) -> Checker<'a> {
        Checker { text, docs, guarantees, source, mentions: Vec::new(), errors: Vec::new(), scope: Vec::new(), loops: 0 }
    }

    /// What was mentioned, and every mistake in the order of the text.
    pub(super) fn finish(mut self) -> (Vec<Mention>, Vec<ConditionError>) {
        self.errors.sort_by_key(|error| error.offset);
        self.errors.dedup();
        (self.mentions, self.errors)
    }

    /// The whole: it must be true or false.
    pub(super) fn condition(&mut self, node: &IdedExpr) {
        let errors = self.errors.len();
        let found = self.infer(node);
        if !found.fits(Type::Bool) && self.errors.len() == errors {
            let message = format!("a condition is true or false; this is {}", found.words());
            self.errors.push(ConditionError { offset: 0, length: self.text.len(), message });
        }
    }

    fn infer(&mut self, node: &IdedExpr) -> Type {
        match &node.expr {
            Expr::Literal(literal) => self.literal(node, literal),
            Expr::Ident(name) => self.name(node, name),
            Expr::Select(select) => self.select(node, select),
            Expr::Call(call) => self.call(node, call),
            Expr::Comprehension(loops) => self.comprehension(node, loops),
            Expr::List(list) => {
                for element in &list.elements {
                    self.infer(element);
                }
                Type::List
            }
            Expr::Map(_) | Expr::Struct(_) | Expr::Unspecified => self.wrong(node, "this does not belong in a condition"),
        }
    }

    fn literal(&mut self, node: &IdedExpr, literal: &LiteralValue) -> Type {
        match literal {
            LiteralValue::Int(_) | LiteralValue::UInt(_) | LiteralValue::Double(_) => Type::Number,
            LiteralValue::Boolean(_) => Type::Bool,
            LiteralValue::String(_) => Type::Text,
            LiteralValue::Null | LiteralValue::Bytes(_) => self.wrong(node, "no fact is ever this"),
        }
    }

    fn name(&mut self, node: &IdedExpr, name: &str) -> Type {
        if let Some((_, found)) = self.scope.iter().rev().find(|(known, _)| known == name) {
            return *found;
        }
        let fact = self.docs.iter().find(|doc| doc.name == name);
        let known = fact.map(|doc| (doc.name, Kind::Fact(doc.kind)));
        match known.or_else(|| self.guarantee(name).map(|id| (id, Kind::Verdict))) {
            Some((name, what)) => self.mention(name, what),
            None => self.unknown(node, name),
        }
    }

    /// The name of a guarantee, if it is one.
    fn guarantee(&self, name: &str) -> Option<&'static str> {
        self.guarantees.iter().map(|guarantee| guarantee.id()).find(|id| *id == name)
    }

    fn mention(&mut self, name: &'static str, what: Kind) -> Type {
        if !self.mentions.iter().any(|mention| mention.name == name) {
            let of_state = self.guarantees.iter().any(|guarantee| guarantee.id() == name && guarantee.of_state());
            self.mentions.push(Mention { name, what, of_state, nodes: Vec::new() });
        }
        match what {
            Kind::Verdict => Type::Verdict,
            Kind::Fact(FactKind::Int | FactKind::Float) => Type::Number,
            Kind::Fact(FactKind::Bool) => Type::Bool,
            Kind::Fact(FactKind::Text) => Type::Text,
            Kind::Fact(FactKind::PerNode) => Type::PerNode,
        }
    }

    fn unknown(&mut self, node: &IdedExpr, name: &str) -> Type {
        let facts = self.docs.iter().map(|doc| doc.name);
        let hint = did_you_mean(name, facts.chain(self.guarantees.iter().map(|g| g.id())));
        self.wrong(node, &format!("`{name}` is no fact and no guarantee{hint}"))
    }

    /// `lag_entries.n2`, and `has(lag_entries.n2)`.
    fn select(&mut self, node: &IdedExpr, select: &SelectExpr) -> Type {
        let operand = self.infer(&select.operand);
        if !operand.fits(Type::PerNode) {
            return self.wrong(node, &format!("`.{}` goes after a fact for each node, not {}", select.field, operand.words()));
        }
        self.node(node, &select.operand, &select.field);
        if select.test { Type::Bool } else { Type::Number }
    }

    fn node(&mut self, at: &IdedExpr, fact: &IdedExpr, node: &str) {
        if let Err(bad) = node.parse::<NodeId>() {
            self.wrong(at, &bad.to_string());
        }
        let Expr::Ident(name) = &fact.expr else { return };
        let mention = self.mentions.iter_mut().find(|mention| mention.name == name);
        if let Some(nodes) = mention.map(|mention| &mut mention.nodes).filter(|nodes| !nodes.iter().any(|n| n == node)) {
            nodes.push(node.to_string());
        }
    }

    fn call(&mut self, node: &IdedExpr, call: &CallExpr) -> Type {
        let found: Vec<Type> = call.target.iter().map(|t| &**t).chain(&call.args).map(|arg| self.infer(arg)).collect();
        match (call.func_name.as_str(), call.args.as_slice(), found.as_slice()) {
            (operators::LOGICAL_AND | operators::LOGICAL_OR | operators::LOGICAL_NOT, args, _) => self.all(args, &found, Type::Bool),
            (operators::EQUALS | operators::NOT_EQUALS, [a, b], [x, y]) => {
                self.alike(node, *x, *y);
                self.verdict_word(*x, b);
                self.verdict_word(*y, a);
                Type::Bool
            }
            (operators::LESS | operators::LESS_EQUALS | operators::GREATER | operators::GREATER_EQUALS, _, [x, y]) => {
                self.ordered(node, *x, *y)
            }
            (operators::SUBSTRACT | operators::MULTIPLY | operators::DIVIDE | operators::NEGATE, args, _) => {
                self.all(args, &found, Type::Number)
            }
            (operators::ADD, _, [x, y]) => {
                self.alike(node, *x, *y);
                *x
            }
            (operators::INDEX, [fact, index], [x, _]) => self.index(node, fact, index, *x),
            (operators::CONDITIONAL, [test, ..], [when, yes, _]) => {
                self.all(std::slice::from_ref(test), &[*when], Type::Bool);
                *yes
            }
            (operators::IN, _, [_, Type::List | Type::PerNode | Type::Any]) | (operators::NOT_STRICTLY_FALSE, ..) => Type::Bool,
            (name, ..) => self.function(node, name),
        }
    }

    fn function(&mut self, node: &IdedExpr, name: &str) -> Type {
        match name {
            "size" | "double" => Type::Number,
            "contains" | "startsWith" | "endsWith" | "bool" => Type::Bool,
            "string" => Type::Text,
            operators::MODULO => self.wrong(node, "`%` is for whole numbers, and every number here is a double"),
            operators::IN => self.wrong(node, "`in` wants a list, or a fact for each node, after it"),
            _ => {
                let hint = did_you_mean(name, FUNCTIONS);
                self.wrong(node, &format!("`{name}` is no function here{hint} (known: {})", FUNCTIONS.join(", ")))
            }
        }
    }

    /// `lag_entries["n2"]`; a list takes any index.
    fn index(&mut self, node: &IdedExpr, fact: &IdedExpr, index: &IdedExpr, found: Type) -> Type {
        match (found, &index.expr) {
            (Type::PerNode, Expr::Literal(LiteralValue::String(name))) => {
                self.node(index, fact, name.inner());
                Type::Number
            }
            (Type::PerNode, Expr::Literal(_)) => self.wrong(index, "a node goes here, such as \"n2\""),
            (Type::PerNode, _) => Type::Number,
            (Type::Any, _) => Type::Any,
            _ => self.wrong(node, &format!("`[...]` goes after a fact for each node, not {}", found.words())),
        }
    }

    fn comprehension(&mut self, node: &IdedExpr, loops: &ComprehensionExpr) -> Type {
        let range = self.infer(&loops.iter_range);
        let item = match range {
            Type::PerNode => Type::Text,
            Type::List | Type::Any => Type::Any,
            _ => return self.wrong(node, &format!("a loop goes over the nodes of a fact, not over {}", range.words())),
        };
        if self.loops == LOOPS_MAX {
            return self.wrong(node, &format!("loops nest at most {LOOPS_MAX} deep"));
        }
        self.loops += 1;
        let outside = self.scope.len();
        self.scope.push((loops.accu_var.clone(), Type::Any));
        self.scope.push((loops.iter_var.clone(), item));
        self.scope.extend(loops.iter_var2.iter().map(|name| (name.clone(), Type::Any)));
        for part in [&loops.accu_init, &loops.loop_cond, &loops.loop_step, &loops.result] {
            self.infer(part);
        }
        self.scope.truncate(outside);
        self.loops -= 1;
        Type::Any
    }

    /// Every argument must be of this type, which is also the result.
    fn all(&mut self, args: &[IdedExpr], found: &[Type], wanted: Type) -> Type {
        for (arg, found) in args.iter().zip(found) {
            if !found.fits(wanted) {
                self.wrong(arg, &format!("{} must stand here, not {}", wanted.words(), found.words()));
            }
        }
        wanted
    }

    fn alike(&mut self, node: &IdedExpr, a: Type, b: Type) {
        if !a.fits(b) {
            self.wrong(node, &format!("{} cannot be set against {}", a.words(), b.words()));
        }
    }

    fn ordered(&mut self, node: &IdedExpr, a: Type, b: Type) -> Type {
        let unordered = [a, b].into_iter().find(|t| matches!(t, Type::PerNode | Type::List | Type::Bool | Type::Verdict));
        match unordered {
            Some(Type::PerNode) => self.wrong(node, "this is a number for each node; name one, as in `lag_entries.n2`"),
            Some(other) => self.wrong(node, &format!("{} has no order", other.words())),
            None => {
                self.alike(node, a, b);
                Type::Bool
            }
        }
    }

    /// A guarantee can only be one of four words.
    fn verdict_word(&mut self, guarantee: Type, other: &IdedExpr) {
        let Expr::Literal(LiteralValue::String(word)) = &other.expr else { return };
        if guarantee == Type::Verdict && !VERDICTS.contains(&word.inner()) {
            self.wrong(other, "a guarantee is \"yes\", \"no\", \"unknown\" or \"untested\"");
        }
    }

    /// Notes a mistake at this part of the text; what it gives is then not known.
    fn wrong(&mut self, node: &IdedExpr, message: &str) -> Type {
        let (start, last) = self.source.offset_for(node.id).unwrap_or((0, 0));
        let (start, end) = (start as usize, last as usize + 1);
        let in_text = self.text.get(start..end).is_some();
        let (offset, length) = if in_text { (start, end - start) } else { (0, self.text.len()) };
        self.errors.push(ConditionError { offset, length, message: message.to_string() });
        Type::Any
    }
}
