//! Reads a condition: CEL's own parser, then names and types, then a trial, then every number as a double.

use std::sync::Arc;

use cel::common::ast::{CallExpr, Expr, IdedExpr, LiteralValue};
use cel::common::types::CelDouble;
use cel::parser::Expression;
use cel::{Program, Value};

use super::messages::{self, syntax};
use super::types::Checker;
use super::{Condition, ConditionError, Kind, Mention, cost};
use crate::check::verdict::Guarantee;
use crate::cluster::facts::{FactDoc, FactKind, FactValue, Facts};

/// Longest condition, in bytes.
const LENGTH_MAX: usize = 2048;
/// Most brackets open at once; CEL's parser is recursive.
const DEPTH_MAX: usize = 24;

/// See [`Condition::compile`].
pub(super) fn compile(text: &str, docs: &[FactDoc], guarantees: &[Guarantee]) -> Result<Condition, Vec<ConditionError>> {
    limits(text).map_err(|error| vec![error])?;
    let program = Program::compile(text).map_err(|errors| vec![syntax(text, &errors)])?;
    let mut checker = Checker::new(text, docs, guarantees, program.source_info());
    checker.condition(program.expression());
    let (mentions, errors) = checker.finish();
    if !errors.is_empty() {
        return Err(errors);
    }
    let steps = affordable(text, program.expression()).map_err(|error| vec![error])?;
    let expression = Arc::new(doubled(program.expression().clone()));
    let condition = Condition { text: text.to_string(), expression, mentions, steps };
    trial(&condition).map_err(|error| vec![error])?;
    Ok(condition)
}

fn limits(text: &str) -> Result<(), ConditionError> {
    let whole = |message: String| Err(ConditionError { offset: 0, length: text.len(), message });
    if text.trim().is_empty() {
        return whole("a condition is missing, such as `leaders >= 2`".to_string());
    }
    if text.len() > LENGTH_MAX {
        return whole(format!("a condition has at most {LENGTH_MAX} characters"));
    }
    if depth(text) > DEPTH_MAX {
        return whole(format!("a condition has at most {DEPTH_MAX} levels of brackets and signs"));
    }
    Ok(())
}

/// No condition may stall a run that looks at it after every event.
fn affordable(text: &str, expression: &IdedExpr) -> Result<u64, ConditionError> {
    let steps = cost::steps(expression);
    if steps <= cost::STEPS_MAX {
        return Ok(steps);
    }
    let message = format!("this takes up to {steps} steps each time; {} are the most: loop over less", cost::STEPS_MAX);
    Err(ConditionError { offset: 0, length: text.len(), message })
}

/// The deepest nesting that brackets, signs and conditionals can build, counted generously.
fn depth(text: &str) -> usize {
    let (mut open, mut signs, mut most) = (0usize, 0usize, 0usize);
    for byte in text.bytes() {
        match byte {
            b'(' | b'[' | b'{' => open += 1,
            b')' | b']' | b'}' => open = open.saturating_sub(1),
            b'!' | b'-' | b'?' => signs += 1,
            _ => {}
        }
        most = most.max(open + signs);
    }
    most
}

/// Evaluates once with a value of the right kind for every name, so that what the checker cannot see is found at load.
fn trial(condition: &Condition) -> Result<(), ConditionError> {
    let wrong = |message| Err(ConditionError { offset: 0, length: condition.text.len(), message });
    let context = match condition.context(&stand_in(&condition.mentions)) {
        Ok(context) => context,
        Err(message) => return wrong(message),
    };
    match Value::resolve(&condition.expression, &context) {
        Ok(Value::Bool(_)) | Err(cel::ExecutionError::NoSuchKey(_)) => Ok(()),
        Ok(other) => wrong(format!("a condition is true or false; this gives a {}", other.type_of())),
        Err(error) => wrong(messages::execution(&error)),
    }
}

/// Facts of the right kinds.
fn stand_in(mentions: &[Mention]) -> Facts {
    let mut facts = Facts::default();
    for mention in mentions {
        let value = match mention.what {
            Kind::Verdict | Kind::Fact(FactKind::Text) => FactValue::Text(String::new()),
            Kind::Fact(FactKind::Int | FactKind::Float) => FactValue::Float(1.0),
            Kind::Fact(FactKind::Bool) => FactValue::Bool(false),
            Kind::Fact(FactKind::PerNode) => FactValue::PerNode(stand_in_nodes(&mention.nodes)),
        };
        facts.put(mention.name, value);
    }
    facts
}

fn stand_in_nodes(named: &[String]) -> Vec<(String, f64)> {
    let known = ["n1", "n2", "n3"].into_iter().map(str::to_string);
    known.chain(named.iter().cloned()).map(|node| (node, 1.0)).collect()
}

/// The same expression with every number a double.
fn doubled(mut expression: Expression) -> Expression {
    rewrite(&mut expression);
    expression
}

fn rewrite(node: &mut IdedExpr) {
    match &mut node.expr {
        Expr::Literal(LiteralValue::Int(n)) => node.expr = double(*n.inner() as f64),
        Expr::Literal(LiteralValue::UInt(n)) => node.expr = double(*n.inner() as f64),
        Expr::Call(call) => {
            call.target.iter_mut().for_each(|target| rewrite(target));
            call.args.iter_mut().for_each(rewrite);
            if call.func_name == "size" {
                convert(node);
            }
        }
        Expr::Comprehension(loops) => {
            let parts = [&mut loops.iter_range, &mut loops.accu_init, &mut loops.loop_cond];
            parts.into_iter().for_each(rewrite);
            rewrite(&mut loops.loop_step);
            rewrite(&mut loops.result);
        }
        Expr::List(list) => list.elements.iter_mut().for_each(rewrite),
        Expr::Select(select) => rewrite(&mut select.operand),
        _ => {}
    }
}

fn double(number: f64) -> Expr {
    Expr::Literal(LiteralValue::Double(CelDouble::from(number)))
}

/// `size(x)` is an integer in CEL: `double(size(x))` here.
fn convert(node: &mut IdedExpr) {
    let inner = std::mem::take(node);
    node.id = inner.id;
    node.expr = Expr::Call(CallExpr { func_name: "double".to_string(), target: None, args: vec![inner] });
}
