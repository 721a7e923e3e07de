//! The formulas against the tables of their sources.

use super::{Exact, FUNCTIONS, How};
use crate::sim::draw::{Concern, Draws};

fn value(name: &str, numbers: &[f64]) -> Option<f64> {
    let function = Exact::named(name).unwrap_or_else(|| panic!("{name}"));
    function.value(numbers, &mut Draws::new(1).at(Concern::Protocol, 0))
}

fn is(name: &str, numbers: &[f64], expected: f64) {
    let found = value(name, numbers).unwrap_or(f64::NAN);
    assert!((found - expected).abs() <= 1e-4 * expected.abs().max(0.01), "{name} {numbers:?}: {found}, not {expected}");
}

#[test]
fn formulas_are_those_of_their_tables() {
    for (numbers, expected) in [([2.0, 1.6], 0.711_111), ([10.0, 8.0], 0.409_18), ([100.0, 95.0], 0.506_457)] {
        is("erlang_c", &numbers, expected);
    }
    for (numbers, expected) in [([10.0, 0.5], 1.3246), ([10.0, 0.9], 5.6603), ([10.0, 0.95], 11.1549)] {
        is("in_turn", &numbers, expected);
    }
    for (numbers, expected) in [([1.0, 0.9], 10.0), ([2.0, 0.9], 2.6141), ([2.0, 0.99], 5.432), ([5.0, 0.95], 1.9888)] {
        is("choices", &numbers, expected);
    }
    // The last key of 64 bits is written as the number that a double has for it.
    for (numbers, expected) in
        [([42.0, 57.0], 43.0), ([18_446_744_073_709_551_615.0, 128.0], 92.0), ([3_933_888_175_041_313.0, 2_147_483_647.0], 2_086_922_539.0)]
    {
        is("jump", &numbers, expected);
    }
    for (numbers, expected) in [([16.0, 0.05, 0.001], 8.0402), ([64.0, 0.05, 0.0], 15.4217)] {
        is("usl", &numbers, expected);
    }
    for (numbers, expected) in [([5.0, 4.0, 0.1], 0.0523), ([5.0, 3.0, 0.2], 0.488), ([9.0, 5.0, 0.1], 0.409_51), ([3.0, 2.0, 0.1], 0.19)] {
        is("split", &numbers, expected);
    }
    is("at_least", &[3.0, 5.0, 0.9], 0.99144);
    is("harmonic", &[2.0, 4.0], 1.08333);
    is("choose", &[5.0, 2.0], 10.0);
    is("choose", &[2.0, 3.0], 0.0);
    for (t, expected) in [(1000.0, 0.301), (1500.0, 2.2069), (2000.0, 6.5426)] {
        is("phi", &[t, 1000.0, 200.0], expected);
    }
    is("phi_after", &[8.0, 1000.0, 200.0], 2122.4);
    is("phi_after", &[1.0, 1000.0, 200.0], 1256.3);
}

#[test]
fn what_is_not_defined_has_no_value() {
    for (name, numbers) in [
        ("erlang_c", &[2.0, 2.0][..]),
        ("erlang_c", &[1e9, 1.0]),
        ("choose", &[2.5, 1.0]),
        ("ln", &[0.0]),
        ("power", &[10.0, 400.0]),
        ("at_least", &[1.0, 3.0, 1.5]),
        ("balls_in_bins", &[1e12, 1.0]),
        ("split", &[9.0, 2.0, 0.1]),
        ("phi", &[1.0, 1.0, -1.0]),
        ("exp", &[1.0, 2.0]),
    ] {
        assert_eq!(value(name, numbers), None, "{name} {numbers:?}");
    }
}

#[test]
fn every_function_is_documented_and_bears_any_numbers() {
    for function in FUNCTIONS {
        assert!(function.about.ends_with('.') && !function.takes.is_empty(), "{}", function.name);
        for x in [f64::NAN, f64::INFINITY, -1.0, 0.0, 0.5, 3.0, 1e300] {
            let all = vec![x; function.takes.len()];
            assert!(value(function.name, &all).is_none_or(f64::is_finite), "{} of {x}", function.name);
        }
    }
}

#[test]
fn two_choices_fill_bins_far_less() {
    assert!(matches!(Exact::named("balls_in_bins").map(|f| f.how), Some(How::Drawn(_))));
    let fullest = |d: f64, seed: u64| Exact::named("balls_in_bins")?.value(&[1000.0, d], &mut Draws::new(seed).at(Concern::Pick, 0));
    let mean = |d: f64| (0..20).filter_map(|seed| fullest(d, seed)).sum::<f64>() / 20.0;
    assert!((mean(1.0) - 5.5).abs() < 0.5 && (mean(2.0) - 3.0).abs() < 0.3, "{} {}", mean(1.0), mean(2.0));
}
