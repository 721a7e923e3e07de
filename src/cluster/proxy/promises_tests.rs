//! Headers that nobody sends by accident, lists and disks that change in the middle, and what caches make of it.

use crate::check::verdict::Holds;
use crate::sim::time::Span;

use super::message::Method;
use super::pass::{one_length, reason};
use super::tests::run;

/// A quote that never ends swallows nothing that a proxy says.
#[test]
fn no_header_of_a_client_hides_what_a_proxy_says() {
    let forged = |value: &str| format!("c4 get http://shop/admin with x-forwarded-for {value}");
    for (settings, value) in
        [(&[][..], r#""\"10.0.0.1""#), (&[("edge", "on"), ("hops", "2")][..], r#""10.0.0.1, \"x""#), (&[][..], r#""10.0.0.1, \"\\""#)]
    {
        let trial = run(settings, &[&forged(value), "run 2s"]);
        assert_eq!((trial.text("believed"), trial.holds("client_address")), ("198.51.100.4".to_string(), Holds::Yes), "{value}");
        assert_eq!(trial.count("intruders"), 0);
    }
    let circle = run(&[("edge", "on"), ("upstream", "edge")], &[r#"c4 get http://shop/ with via "\"x""#, "run 5s"]);
    assert!(circle.count("loops") >= 1, "the circle is found all the same");
}

/// RFC 7239, section 8.1: entries are counted from the right, those that cannot be read among them.
#[test]
fn what_cannot_be_read_keeps_its_place() {
    for value in ["garbage", r#""for=10.0.0.1,=x""#, "proto=http", r#""\"for=10.0.0.1""#] {
        for settings in [&[("header", "forwarded")][..], &[("header", "forwarded"), ("edge", "on"), ("hops", "2")][..]] {
            let ask = format!("c4 get http://shop/admin with forwarded {value}");
            let trial = run(settings, &[&ask, "run 2s"]);
            assert_eq!((trial.text("believed"), trial.holds("client_address")), ("198.51.100.4".to_string(), Holds::Yes), "{value}");
        }
    }
}

/// What the proxy made of an answer stays when the site says that it is still good.
#[test]
fn a_word_of_the_site_does_not_unpack_what_the_proxy_packed() {
    let settings = [("compression", "on"), ("reverse-cache", "on"), ("vary", "accept-language"), ("shop-control", "max-age=1")];
    let script = [
        "c4 get http://shop/",
        "run 2s",
        "c4 get http://shop/",
        "run 500ms",
        "c4 get http://shop/ with accept-encoding identity",
        "run 1s",
    ];
    let trial = run(&settings, &script);
    assert_eq!((trial.holds("understood"), trial.count("checked")), (Holds::Yes, 1));
}

#[test]
fn what_is_asked_after_a_list_has_changed_is_held_against_it() {
    let trial = run(&[], &["set blocked video", "c1 get http://video/ direct", "run 4s"]);
    assert_eq!((trial.count("reached"), trial.holds("filter")), (1, Holds::No));
    let before = run(&[], &["c1 get http://video/ direct", "run 1ms", "set blocked video", "run 4s"]);
    assert_eq!((before.count("reached"), before.holds("filter")), (0, Holds::Yes));
}

/// RFC 5646, section 2.1.1.
#[test]
fn languages_have_no_case() {
    let script = ["c1 get http://news/", "run 1s", "c2 get http://news/ with accept-language EN", "run 1s"];
    assert_eq!(run(&[("vary", "accept-language")], &script).holds("understood"), Holds::Yes);
}

#[test]
fn a_full_disk_publishes_nothing() {
    let mut trial = run(&[], &["full-disk news"]);
    assert_eq!(trial.ask("c1 post http://news/", Span::s(1)), "507, its disk is full");
    assert_eq!(trial.count("effects"), 0);
}

/// Only the word that an order was followed ends it: a process that came back by itself has the old release.
#[test]
fn an_order_that_meets_a_crash_is_followed_in_the_end() {
    let during = run(&[("deploy", "kill")], &["deploy app1", "run 5ms", "crash app1", "run 1s", "restart app1", "run 15s"]);
    let before = run(&[], &["crash app1", "c4 get http://shop/", "run 2s", "deploy app1", "run 5s", "restart app1", "run 15s"]);
    for trial in [during, before] {
        assert_eq!((trial.count("release_at.app1"), trial.count("backends_serving")), (2, 2));
    }
}

/// RFC 9111, section 4: of several answers that fit, the newest.
#[test]
fn of_several_answers_the_newest_is_given() {
    let script = [
        "c1 get http://news/",
        "run 1s",
        "set vary none",
        "c1 post http://news/ direct",
        "run 1s",
        "c1 get http://news/ with accept-language fr",
        "run 2s",
    ];
    let mut trial = run(&[("vary", "accept-language")], &script);
    assert_eq!(trial.ask("c1 get http://news/", Span::s(1)), "200 news v2 (hit)");
}

/// RFC 9110, section 13.1.2.
#[test]
fn tags_are_compared_weakly_and_a_star_is_any() {
    for tag in ["*", r#""W/\"news v1\"""#, r#""\"news v1\"""#] {
        let mut trial = run(&[], &[]);
        let told = trial.ask(&format!("c1 get http://news/ with if-none-match {tag}"), Span::s(1));
        assert!(told.starts_with("304"), "{tag}: {told}");
    }
}

/// The address stands wherever the client wrote it, and a proxy that strips the two fields for it strips no others.
#[test]
fn an_address_in_any_field_tells_who_asks() {
    for field in ["x-real-ip 10.0.0.1", "true-client-ip 10.0.0.1:4711", "x-seat \"pc at [10.0.0.1]\""] {
        let trial = run(&[("forward-adds", "strip")], &[&format!("c1 get http://news/ with {field}"), "run 1s"]);
        assert_eq!(trial.holds("hidden"), Holds::No, "{field}");
    }
    let other = run(&[], &["c1 get http://news/ with x-real-ip 10.0.0.10", "run 1s"]);
    assert_eq!(other.holds("hidden"), Holds::Yes, "of nobody in the office");
}

/// RFC 9112, section 6.3: the same length several times is passed on as one.
#[test]
fn lengths_that_agree_are_passed_on_as_one() {
    let fields = |name: &str, value: &str| {
        let mut fields = crate::algo::http::Fields::new();
        fields.push(name, value);
        one_length(&mut fields);
        fields.get(name)
    };
    assert_eq!(fields("content-length", "100, 100").as_deref(), Some("100"));
    assert_eq!(fields("content-length", "100").as_deref(), Some("100"));
    assert_eq!(fields("cookie", "a, a").as_deref(), Some("a, a"));
}

/// RFC 9211, section 2.2.
#[test]
fn a_proxy_says_why_it_passed_a_request_on() {
    let reasons = [None, Some(false), Some(true)].map(|kept| reason(true, Method::Get, kept));
    assert_eq!(reasons, ["miss", "stale", "request"]);
    assert_eq!([reason(true, Method::Post, None), reason(false, Method::Get, None)], ["method", "bypass"]);
}

/// There is no second proxy of the shop under `edge off`, and none is found by its address.
#[test]
fn an_edge_that_is_off_is_nowhere() {
    let ask = "c4 get http://192.0.2.9/";
    assert!(!run(&[], &[]).ask(ask, Span::s(1)).starts_with("200"));
    assert!(run(&[("edge", "on"), ("hops", "2")], &[]).ask(ask, Span::s(1)).starts_with("200"));
}
