//! How much work a condition is, at most, before it is ever evaluated: loops in loops over long lists would stall a run.

use cel::common::ast::{CallExpr, ComprehensionExpr, Expr, IdedExpr, LiteralValue, operators};

/// The most steps that one look at a condition may take. Two loops over all nodes inside each other take a tenth of it.
pub(super) const STEPS_MAX: u64 = 50_000;
/// More nodes than any cluster has.
const NODES: u64 = 16;
/// Letters of the name of a node.
const NAME: u64 = 3;
/// Letters of a word that a fact can be, and of a number as a text.
const WORD: u64 = 32;

/// An upper bound of what an expression costs and gives.
#[derive(Clone, Copy)]
struct Cost {
    /// Steps of the evaluation.
    steps: u64,
    /// Elements that a loop goes over.
    count: u64,
    /// Letters, and elements with those inside them.
    size: u64,
}

impl Cost {
    const fn one(size: u64) -> Cost {
        Cost { steps: 1, count: size, size }
    }

    fn and(self, other: Cost) -> Cost {
        Cost {
            steps: self.steps.saturating_add(other.steps),
            count: self.count.saturating_add(other.count),
            size: self.size.saturating_add(other.size),
        }
    }
}

/// The most steps that the expression can take.
pub(super) fn steps(node: &IdedExpr) -> u64 {
    Costs { scope: Vec::new() }.of(node).steps
}

struct Costs<'e> {
    /// The variables of the loops around, and their sizes.
    scope: Vec<(&'e str, u64)>,
}

impl<'e> Costs<'e> {
    fn of(&mut self, node: &'e IdedExpr) -> Cost {
        match &node.expr {
            Expr::Literal(LiteralValue::String(text)) => Cost::one(text.inner().len() as u64),
            Expr::Ident(name) => self.name(name),
            Expr::Select(select) => Cost { count: 1, size: 1, ..self.of(&select.operand).and(Cost::one(0)) },
            Expr::Call(call) => self.call(call),
            Expr::Comprehension(loops) => self.loops(loops),
            Expr::List(list) => {
                let count = list.elements.len() as u64;
                Cost { count, ..self.sum(list.elements.iter()).and(Cost::one(count)) }
            }
            _ => Cost::one(1),
        }
    }

    /// A variable of a loop, or a fact: at most a number for each node.
    fn name(&self, name: &str) -> Cost {
        let variable = self.scope.iter().rev().find(|(known, _)| *known == name);
        variable.map_or(Cost { steps: 1, count: NODES, size: WORD }, |(_, size)| Cost::one(*size))
    }

    /// Whether it is a fact, whose elements are numbers.
    fn is_fact(&self, node: &IdedExpr) -> bool {
        matches!(&node.expr, Expr::Ident(name) if !self.scope.iter().any(|(known, _)| known == name))
    }

    fn sum(&mut self, parts: impl Iterator<Item = &'e IdedExpr>) -> Cost {
        parts.fold(Cost { steps: 1, count: 0, size: 0 }, |all, part| all.and(self.of(part)))
    }

    /// A function looks at its arguments whole.
    fn call(&mut self, call: &'e CallExpr) -> Cost {
        let all = self.sum(call.target.iter().map(|target| &**target).chain(&call.args));
        let steps = all.steps.saturating_add(all.size);
        match call.func_name.as_str() {
            operators::ADD | operators::CONDITIONAL => Cost { steps, ..all },
            operators::INDEX if !call.args.first().is_some_and(|of| self.is_fact(of)) => Cost { steps, count: all.size, size: all.size },
            "string" => Cost { steps, ..Cost::one(WORD.max(all.size)) },
            _ => Cost { steps, ..Cost::one(1) },
        }
    }

    /// A loop that gathers something copies, in every turn, what the turns before it gave.
    fn loops(&mut self, loops: &'e ComprehensionExpr) -> Cost {
        let range = self.of(&loops.iter_range);
        let start = self.of(&loops.accu_init);
        let outside = self.scope.len();
        let item = if self.is_fact(&loops.iter_range) { NAME } else { range.size };
        self.scope.push((&loops.accu_var, 0));
        self.scope.push((&loops.iter_var, item));
        self.scope.extend(loops.iter_var2.iter().map(|name| (name.as_str(), item)));
        let turn = self.of(&loops.loop_cond).steps.saturating_add(1);
        let step = self.of(&loops.loop_step);
        let gathered = if gathers(&loops.loop_step) { range.count.saturating_mul(step.size) } else { 0 };
        let size = start.size.saturating_add(step.size).saturating_add(gathered);
        self.scope[outside].1 = size;
        let result = self.of(&loops.result);
        self.scope.truncate(outside);
        let turns = range.count.saturating_mul(turn.saturating_add(step.steps).saturating_add(gathered));
        let steps = [range.steps, start.steps, turns, result.steps].into_iter().fold(0, u64::saturating_add);
        Cost { steps, count: range.count, size: size.max(result.size) }
    }
}

/// Whether a turn of a loop adds something to what there is.
fn gathers(step: &IdedExpr) -> bool {
    match &step.expr {
        Expr::Call(call) if call.func_name == operators::ADD => true,
        Expr::Call(call) if call.func_name == operators::CONDITIONAL => call.args.iter().any(gathers),
        _ => false,
    }
}
