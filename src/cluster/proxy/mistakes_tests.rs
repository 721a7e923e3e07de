//! The mistakes that proxies and caches of this kind have been found to make, each by the schedule that shows it.

use super::tests::run;
use crate::check::verdict::Holds;
use crate::sim::time::Span;

/// Whether a promise holds under the rules and under a mistake.
fn both(promise: &str, mistake: &str, settings: &[(&str, &str)], script: &[&str]) -> [Holds; 2] {
    ["rfc9111", mistake].map(|rules| {
        let settings: Vec<(&str, &str)> = settings.iter().copied().chain([("cache-rules", rules)]).collect();
        run(&settings, script).holds(promise)
    })
}

const RIGHT: [Holds; 2] = [Holds::Yes, Holds::No];

#[test]
fn private_answers_that_are_kept() {
    let carts = ["c1 get http://shop/cart", "run 1s", "c2 get http://shop/cart", "run 1s"];
    assert_eq!(both("private", "no-private", &[("cart-control", "private, max-age=60")], &carts), RIGHT);
    let accounts = ["c1 get http://bank/account", "run 1s", "c2 get http://bank/account", "run 1s"];
    assert_eq!(both("private", "no-authorization", &[], &accounts), RIGHT);
    let allowed = |control| run(&[("bank-control", control)], &accounts).holds("private");
    assert_eq!(["max-age=60", "public, max-age=60", "s-maxage=60"].map(allowed), [Holds::Yes, Holds::No, Holds::No], "the bank allows it");
    // The shop forgets `private`; `Vary: Cookie` is safe and hardly a hit.
    let careless = |vary| {
        let trial = run(&[("cart-control", "max-age=60"), ("vary", vary)], &carts);
        (trial.holds("private"), trial.count("leaks"), trial.count("hits"))
    };
    assert_eq!([careless("none"), careless("cookie")], [(Holds::No, 1, 1), (Holds::Yes, 0, 0)]);
    assert_eq!(both("private", "no-vary", &[("cart-control", "max-age=60"), ("vary", "cookie")], &carts), RIGHT);
}

#[test]
fn a_cookie_that_is_kept_makes_two_people_one() {
    let script = ["c1 get http://shop/", "run 1s", "c2 get http://shop/", "run 1s", "c2 get http://shop/cart", "run 1s"];
    let of = |answers| run(&[("set-cookie", "on"), ("cookie-answers", answers)], &script);
    assert_eq!([of("pass").holds("private"), of("store").holds("private")], RIGHT);
    assert_eq!((of("pass").count("not_kept") > 0, of("store").count("leaks")), (true, 2), "the session, and with it the cart");
}

#[test]
fn two_hosts_and_two_languages_are_two_pages() {
    let mut hosts = run(&[("cache-rules", "no-host")], &["c1 get http://news/", "run 1s"]);
    assert_eq!(hosts.ask("c2 get http://video/", Span::s(1)), "200 news v1 (hit)");
    let languages = ["c1 get http://news/", "run 1s", "c2 get http://news/ with accept-language fr", "run 1s"];
    assert_eq!(both("understood", "no-vary", &[("vary", "accept-language")], &languages), RIGHT);
    let codings = ["c1 get http://shop/", "run 1s", "c2 get http://shop/ with accept-encoding identity", "run 1s"];
    assert_eq!(both("understood", "no-vary", &[("compression", "on")], &codings), RIGHT);
}

#[test]
fn a_304_makes_what_is_kept_fresh_again() {
    let script = ["c1 get http://news/", "run 3s", "c2 get http://news/", "run 500ms", "c3 get http://news/", "run 500ms"];
    let hits = |rules| {
        let trial = run(&[("news-control", "max-age=2"), ("cache-rules", rules)], &script);
        (trial.count("checked"), trial.count("hits"), trial.count("bytes_from_origins"))
    };
    assert_eq!(hits("rfc9111"), (1, 1, 100_000));
    assert_eq!(hits("no-renew"), (2, 0, 100_000));
}

#[test]
fn age_is_counted_from_the_first_cache_on() {
    // The edge has it for 3 s when the forward proxy gets it, and it is fresh for 4.
    let script = ["c4 get http://shop/", "run 3s", "c1 get http://shop/", "run 2500ms", "c2 get http://shop/", "run 1s"];
    let settings = [("edge", "on"), ("hops", "2"), ("shop-control", "max-age=4")];
    assert_eq!(both("fresh", "own-age", &settings, &script), RIGHT);
}

#[test]
fn a_date_is_compared_with_the_date_beside_it() {
    let script = ["skew news +30s", "c1 get http://news/", "run 10s", "c2 get http://news/", "run 1s"];
    assert_eq!(both("fresh", "own-date", &[("lifetime", "expires"), ("news-control", "max-age=5")], &script)[1], Holds::No);
    let right = run(&[("lifetime", "expires"), ("news-control", "max-age=5")], &script);
    assert_eq!((right.count("hits"), right.count("checked")), (0, 1));
}

#[test]
fn stale_is_given_where_nothing_forbids_it() {
    let script = ["c1 get http://news/", "run 3s", "cut forward | news", "c2 get http://news/", "run 1s"];
    let of = |serve, control| {
        let trial = run(&[("serve-stale", serve), ("news-control", control)], &script);
        (trial.count("stale_given"), trial.holds("fresh"))
    };
    assert_eq!(of("on", "max-age=2"), (1, Holds::No));
    assert_eq!(of("on", "max-age=2, must-revalidate"), (0, Holds::Untested));
    assert_eq!(of("off", "max-age=2"), (0, Holds::Untested));
}

#[test]
fn only_a_post_that_was_done_throws_away_what_is_kept() {
    let script = ["c1 get http://news/", "run 1s", "c2 post http://news/", "run 1s", "c3 get http://news/", "run 1s"];
    let of = |rules, posts| {
        let trial = run(&[("cache-rules", rules), ("posts", posts)], &script);
        (trial.count("thrown_away"), trial.count("hits"))
    };
    assert_eq!(of("rfc9111", "accepted"), (1, 0));
    assert_eq!(of("rfc9111", "refused"), (0, 1));
    assert_eq!(of("error-invalidates", "refused"), (1, 0));
    assert_eq!(of("never-invalidates", "accepted"), (0, 1));
}

#[test]
fn no_cache_is_kept_and_asked_about_and_no_store_is_not_kept() {
    let script = ["c1 get http://news/", "run 1s", "c2 get http://news/", "run 1s"];
    let of = |control| {
        let trial = run(&[("news-control", control)], &script);
        (trial.count("kept_at.forward"), trial.count("hits"), trial.count("checked"), trial.count("bytes_from_origins"))
    };
    assert_eq!(of("no-cache"), (1, 0, 1, 100_000));
    assert_eq!(of("no-store"), (0, 0, 0, 200_000));
    assert_eq!(of("max-age=60"), (1, 1, 0, 100_000));
}

#[test]
fn a_circle_is_found_in_via() {
    let script = ["set edge on", "set upstream edge", "c4 get http://shop/x", "run 3s"];
    let of = |check| {
        let mut trial = run(&[("loop-check", check)], &script[..2]);
        let said = trial.ask(script[2], Span::s(6));
        (said, trial.count("loops"))
    };
    assert_eq!(of("on"), ("508, it has passed edge before".to_string(), 1));
    let (said, loops) = of("off");
    assert!(loops == 0 && (said.starts_with("431") || said.starts_with("504")), "{said}");
}

#[test]
fn fields_of_a_connection_end_there_and_two_lengths_are_refused() {
    // That none passes is an invariant, looked at after every event.
    let mut trial = run(&[], &["c1 get http://news/ with connection \"close, accept-language\"", "run 1s"]);
    assert_eq!(trial.count("from_origins"), 1);
    let said = trial.ask("c1 post http://shop/order with transfer-encoding chunked", Span::s(1));
    assert_eq!(said, "400, two lengths of one body");
    assert_eq!(trial.count("effects"), 0);
}

#[test]
fn what_is_blocked_is_no_miss() {
    let trial = run(&[("blocked", "video")], &["c1 get http://video/", "run 1s"]);
    assert_eq!((trial.count("from_proxies"), trial.count("answered"), trial.count("from_origins")), (1, 1, 0));
    assert!(matches!(trial.value("hit_percent"), crate::cluster::facts::FactValue::Absent(_)));
}

#[test]
fn a_post_in_flight_when_its_backend_dies_is_not_sent_again() {
    // The effect comes when the work begins, and the backend dies before the answer.
    let script = ["c4 post http://shop/order", "run 25ms", "crash app1", "run 3s"];
    let of = |retry| {
        let trial = run(&[("retry", retry), ("work", "const(100ms)")], &script);
        (trial.count("effects"), trial.holds("once"), trial.count("errors"))
    };
    assert_eq!(of("idempotent"), (1, Holds::Yes, 1));
    assert_eq!(of("all"), (2, Holds::No, 0));
}

#[test]
fn a_backend_that_is_down_is_left_out() {
    let trial = run(&[], &["crash app1", "workload c4 steady 20/s get keys shop", "run 3s"]);
    assert!(trial.count("retried") > 0 && trial.count("retried") < 20 && trial.is("errors", 0.0));
}
