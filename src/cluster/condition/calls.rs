//! Functions, methods and loops.

use std::ops::Range;

use super::cost::Cost;
use super::parse::{Parsed, Parser, Stop, Variable};
use super::part::{Part, above, from_to};
use super::table;
use super::types::Type;
use super::value::{Function, Loop, Looping, Node};
use crate::algo::exact::{self, Exact};
use crate::cluster::series::How;
use crate::near::did_you_mean;

/// Most loops inside each other.
const LOOPS_MAX: usize = 2;

impl Parser<'_> {
    /// `size(lag)`, from after its opening bracket on.
    pub(super) fn function(&mut self, name: &str, at: &Range<usize>) -> Parsed {
        if let Some(how) = How::named(name) {
            return self.over_time(how, at);
        }
        match name {
            "has" => self.has(at),
            "size" => self.one_argument(Function::Size, at, Type::NUMBER, |gives| gives.item().is_some() || gives.fits(Type::TEXT)),
            "double" => {
                self.one_argument(Function::Double, at, Type::NUMBER, |gives| [Type::NUMBER, Type::TEXT].iter().any(|t| gives.fits(*t)))
            }
            "string" => {
                let plain = [Type::NUMBER, Type::TEXT, Type::BOOL];
                self.one_argument(Function::String, at, Type::TEXT, move |gives| plain.iter().any(|t| gives.fits(*t)))
            }
            "bool" => self.one_argument(Function::Bool, at, Type::BOOL, |gives| [Type::BOOL, Type::TEXT].iter().any(|t| gives.fits(*t))),
            _ => match Exact::named(name).filter(|exact| self.terms.formulas && !exact.is_drawn()) {
                Some(exact) => self.exact(exact, at),
                None => self.no_function(name, at),
            },
        }
    }

    /// `erlang_c(10, 8)`: a published formula, from after its opening bracket on.
    fn exact(&mut self, exact: &'static Exact, name: &Range<usize>) -> Parsed {
        let mut args = vec![self.expression()?];
        while self.eat(",").is_some() {
            args.push(self.expression()?);
        }
        let end = self.need(")")?;
        for arg in &args {
            self.must(arg, Type::NUMBER);
        }
        if args.len() != exact.takes.len() {
            self.wrong(name, format!("`{}` takes {} numbers: `{}`", exact.name, exact.takes.len(), exact.form()));
        }
        self.called(Function::Exact(exact), args, Type::NUMBER, from_to(name, &end))
    }

    /// `lag.all(x, lag[x] > 3)`, `mode.contains("a")`, from after the opening bracket on.
    pub(super) fn method(&mut self, of: Part, name: &str, at: &Range<usize>) -> Parsed {
        if let Some(how) = Looping::named(name) {
            return self.loop_over(of, how, at);
        }
        match name {
            "size" => {
                let end = self.need(")")?;
                self.sized(of, &end)
            }
            "contains" => self.of_text(of, Function::Contains),
            "startsWith" => self.of_text(of, Function::StartsWith),
            "endsWith" => self.of_text(of, Function::EndsWith),
            _ => self.no_function(name, at),
        }
    }

    fn one_argument(&mut self, function: Function, name: &Range<usize>, gives: Type, takes: impl Fn(Type) -> bool) -> Parsed {
        let arg = self.expression()?;
        let end = self.need(")")?;
        if !takes(arg.gives) {
            let word = &self.text[name.clone()];
            self.wrong(&arg.at, format!("`{word}` does not work on {}", arg.gives.words()));
        }
        self.called(function, vec![arg], gives, from_to(name, &end))
    }

    fn sized(&mut self, of: Part, end: &Range<usize>) -> Parsed {
        if of.gives.item().is_none() && !of.gives.fits(Type::TEXT) {
            self.wrong(&of.at, format!("`size` does not work on {}", of.gives.words()));
        }
        let at = from_to(&of.at, end);
        self.called(Function::Size, vec![of], Type::NUMBER, at)
    }

    /// A method of a text with another text.
    fn of_text(&mut self, of: Part, function: Function) -> Parsed {
        let other = self.expression()?;
        let end = self.need(")")?;
        self.must(&of, Type::TEXT);
        self.must(&other, Type::TEXT);
        let at = from_to(&of.at, &end);
        self.called(function, vec![of, other], Type::BOOL, at)
    }

    fn called(&mut self, function: Function, args: Vec<Part>, gives: Type, at: Range<usize>) -> Parsed {
        let costs: Vec<Cost> = args.iter().map(|arg| arg.cost).collect();
        let heights: Vec<u16> = args.iter().map(|arg| arg.height).collect();
        let cost = if gives == Type::TEXT { Cost::text(&costs) } else { Cost::small(&costs) };
        let nodes = args.into_iter().map(|arg| arg.node).collect();
        self.node(Part { node: Node::Call(function, nodes), gives, cost, at, height: above(&heights) })
    }

    /// `has(lag.n2)`: whether the name is among those of the fact.
    fn has(&mut self, name: &Range<usize>) -> Parsed {
        let arg = self.expression()?;
        let end = self.need(")")?;
        let at = from_to(name, &end);
        match arg.node {
            Node::Index(pair) if arg.gives.fits(Type::NUMBER) => {
                let [of, key] = *pair;
                self.node(Part { node: Node::In(Box::new([key, of])), gives: Type::BOOL, cost: arg.cost, at, height: arg.height })
            }
            Node::Setting(which) => Ok(Part::leaf(Node::HasSetting(which), Type::BOOL, arg.cost, at)),
            _ if arg.gives == Type::ANY => Ok(Part::wrong(at)),
            _ => {
                let message = "`has` asks for one number of a fact, as in `has(FACT.NAME)`, or for a setting that can be none";
                Ok(self.wrong_part(&arg.at, message))
            }
        }
    }

    fn loop_over(&mut self, range: Part, how: Looping, at: &Range<usize>) -> Parsed {
        let Some(item) = range.gives.item() else {
            let message = format!("a loop goes over the names of a fact, or over a list, not over {}", range.gives.words());
            return self.skipped(at, message);
        };
        if self.scope.len() == LOOPS_MAX {
            return self.skipped(at, format!("loops nest at most {LOOPS_MAX} deep"));
        }
        let (name, _) = self.name()?;
        self.need(",")?;
        self.scope.push(Variable { name, gives: item, cost: range.cost.item(range.is_fact()) });
        let body = self.body(how);
        self.scope.pop();
        let (keep, body, end) = body?;
        self.looped(range, how, keep, body, &end)
    }

    /// What a loop does each time, and what an element must fulfil to be mapped.
    fn body(&mut self, how: Looping) -> Result<(Option<Part>, Part, Range<usize>), Stop> {
        let first = self.expression()?;
        let (keep, body) = match how {
            Looping::Map if self.eat(",").is_some() => (Some(first), self.expression()?),
            _ => (None, first),
        };
        let test = if how == Looping::Map { keep.as_ref() } else { Some(&body) };
        if let Some(test) = test {
            self.must(test, Type::BOOL);
        }
        Ok((keep, body, self.need(")")?))
    }

    fn looped(&mut self, range: Part, how: Looping, keep: Option<Part>, body: Part, end: &Range<usize>) -> Parsed {
        let (gives, gathers) = match how {
            Looping::Map => (body.gives.listed(), true),
            Looping::Filter => (range.gives.item().unwrap_or(Type::ANY).listed(), true),
            Looping::Exists | Looping::All | Looping::ExistsOne => (Type::BOOL, false),
        };
        let turn = keep.as_ref().map_or(body.cost, |keep| Cost::sum(&[body.cost, keep.cost]));
        let turn = if how == Looping::Filter { Cost::sum(&[turn, range.cost.item(range.is_fact())]) } else { turn };
        let height = above(&[range.height, body.height, keep.as_ref().map_or(0, |keep| keep.height)]);
        let (cost, at) = (range.cost.looped(turn, gathers), from_to(&range.at, end));
        let keep = keep.map(|keep| keep.node);
        let node = Node::Loop(Box::new(Loop { how, range: range.node, keep, body: body.node }));
        self.node(Part { node, gives, cost, at, height })
    }

    fn no_function(&mut self, name: &str, at: &Range<usize>) -> Parsed {
        let message = if let Some(phrase) = table::functions().find(|phrase| phrase.function() == name) {
            format!("`{name}` is written `{}`", phrase.form)
        } else {
            let mut known: Vec<&str> = table::functions().map(table::Phrase::function).collect();
            known.dedup();
            let formulas = exact::FUNCTIONS.iter().filter(|exact| self.terms.formulas && !exact.is_drawn());
            known.extend(formulas.map(|exact| exact.name));
            format!("`{name}` is no function here{} (known: {})", did_you_mean(name, known.iter().copied()), known.join(", "))
        };
        self.skipped(at, message)
    }

    fn skipped(&mut self, at: &Range<usize>, message: impl Into<String>) -> Parsed {
        let part = self.wrong_part(at, message);
        self.skip_call(part)
    }

    /// Goes on after the closing bracket: after a mistake, what is before it cannot be understood.
    pub(super) fn skip_call(&mut self, part: Part) -> Parsed {
        let mut open = 1usize;
        while !self.token().is_end() {
            let sign = &self.text[self.token().at.clone()];
            open = if sign == "(" {
                open + 1
            } else if sign == ")" {
                open - 1
            } else {
                open
            };
            if open == 0 {
                break;
            }
            self.advance();
        }
        self.need(")")?;
        Ok(part)
    }
}
