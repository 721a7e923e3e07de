use super::{counts, trial};
use crate::check::verdict::Holds;
use crate::sim::time::Span;

const FAR: (&str, &str) = ("latency", "const(50ms)");
const LOAD: &[&str] = &["run 1s", "c1 load", "run 5s"];
/// N orders, each with its customer.
fn orders(n: u32) -> String {
    format!("{{ orders(first: {n}) {{ customer {{ name }} }} }}")
}

fn page(settings: &[(&str, &str)], script: &[&str]) -> crate::cluster::kit::trial::Trial {
    trial(&[&[("does", "page"), FAR], settings].concat(), script)
}

#[test]
fn the_same_page_by_resources_and_by_one_query() {
    let rest = page(&[], LOAD);
    // The customer, the orders, and three books at once; each a trip of 100 ms and a question of 1 ms. The books ask one after the other.
    assert_eq!(counts(&rest, ["requests_last", "rounds_last", "db_queries"]), [5, 3, 5]);
    assert_eq!(rest.count("page_ms_last"), 305);
    let one = page(&[("api", "graphql")], LOAD);
    assert_eq!(counts(&one, ["requests_last", "rounds_last", "db_queries", "page_ms_last"]), [1, 1, 5, 105]);
    assert_eq!(one.count("wasted_bytes_last"), 0);
    assert_eq!(one.count("wanted_bytes_last"), one.count("page_bytes_last"));
    assert!(rest.count("wasted_bytes_last") > 5 * rest.count("wanted_bytes_last"));
}

#[test]
fn one_and_n_queries_or_two() {
    for n in [1, 5, 20, 100] {
        let of = |loader| {
            let trial = page(&[("api", "graphql"), ("loader", loader), ("query", &orders(n))], LOAD);
            (trial.count("db_queries_last"), trial.count("page_ms_last") - 100, trial.holds("batched"))
        };
        let all = u64::from(1 + n);
        let naive = if n == 1 { Holds::Yes } else { Holds::No };
        assert_eq!([of("off"), of("request")], [(all, all, naive), (2, 2, Holds::Yes)], "{n}");
    }
}

#[test]
fn a_batch_that_outlives_its_request_is_old() {
    let script = ["run 1s", "c1 load", "run 2s", "c2 rename", "run 2s", "c2 load", "run 2s"];
    let of = |loader| page(&[("api", "graphql"), ("loader", loader)], &script);
    assert_eq!([of("shared").count("stale_objects"), of("request").count("stale_objects")], [1, 0]);
    assert_eq!([of("shared").holds("fresh"), of("request").holds("fresh")], [Holds::No, Holds::Yes]);
}

#[test]
fn a_limit_of_depth_does_not_bound_width() {
    let wide: Vec<String> = (0..10).map(|n| format!("a{n}: orders(first: 100) {{ book {{ reviews(first: 100) {{ stars }} }} }}")).collect();
    let wide = format!("{{ {} }}", wide.join(" "));
    let deep = "{ customer { orders { book { author { books { author { name } } } } } } }";
    let said = |limits: &[(&str, &str)], query: &str| {
        let mut trial = page(&[&[("api", "graphql"), ("loader", "request"), ("query", query)], limits].concat(), &["run 1s"]);
        let said = trial.ask("c1 load", Span::s(5));
        (said, trial.holds("bounded"))
    };
    let limit = [("depth-limit", "5")];
    assert_eq!(said(&limit, deep), ("depth 7 is over the limit of 5".into(), Holds::Untested));
    assert_eq!(said(&limit, &wide), ("1 request, 1 round".into(), Holds::No), "over 100,000 rows");
    assert_eq!(said(&[("cost-limit", "10000")], &wide), ("cost 102000 is over the limit of 10000".into(), Holds::Untested));
}

#[test]
fn a_part_that_fails_is_null_and_named() {
    let of = |api, non_null| {
        let mut trial = page(&[("api", api), ("failing", "book"), ("non-null", non_null)], &["run 1s"]);
        let said = trial.ask("c1 load", Span::s(5));
        (said, trial.count("errors_last"), trial.count("null_objects_last"))
    };
    assert_eq!(of("graphql", "off"), ("1 request, 1 round, 3 errors".into(), 3, 0));
    assert_eq!(of("graphql", "on"), ("1 request, 1 round, 3 errors".into(), 3, 3));
    assert_eq!(of("rest", "off"), ("5 requests, 3 rounds, 3 errors".into(), 3, 0));
}

#[test]
fn a_cache_of_http_keeps_what_was_asked_by_get() {
    let script = ["run 1s", "c1 load", "run 2s", "c1 load", "run 2s"];
    let of = |settings: &[(&str, &str)]| {
        let trial = page(&[&[("http-cache", "on")], settings].concat(), &script);
        counts(&trial, ["requests_last", "cache_hits_last", "page_ms_last"])
    };
    assert_eq!(of(&[]), [0, 5, 0]);
    assert_eq!(of(&[("api", "graphql")]), [1, 0, 105]);
    assert_eq!(of(&[("api", "graphql"), ("persisted", "on")]), [0, 1, 0]);
}

#[test]
fn a_query_that_does_not_fit_is_refused_with_a_reason() {
    let mut trial = page(&[], &[]);
    for (query, says) in [
        ("{ customer { nam } }", "Customer has no field `nam`"),
        ("{ customer ", "or `}`, is missing"),
        ("{ orders(first: 1000) { book { reviews(first: 1000) { text } } } }", "200000 are the most"),
    ] {
        let said = trial.tries(&format!("set query {query}")).expect_err(query).0;
        assert!(said.contains(says), "{said}");
    }
    trial.act("set query { books(first: 2) { title } }");
    assert_eq!(trial.ask("c1 load", Span::s(2)), "1 request, 1 round");
    assert_eq!(trial.ask("c1 say hello", Span::s(2)), "this run is about a page: load, rename");
}

/// What came back is to be seen: each place of the query with its objects, and what is missing.
#[test]
fn the_answer_is_on_the_stage() {
    let answer = |settings: &[(&str, &str)]| {
        let query = ("query", "{ orders(first: 2) { total customer { name } } }");
        let trial = page(&[&[("api", "graphql"), query], settings].concat(), LOAD);
        let mut scene = crate::cluster::scene::Scene::default();
        trial.cluster.scene(trial.cluster.now(), &mut scene);
        let panel = scene.panels.into_iter().find(|panel| panel.title == "answer").expect("an answer");
        let crate::cluster::scene::Body::Table(table) = panel.body else { panic!("a table") };
        table.rows.iter().map(|row| row.entries.iter().map(|entry| entry.text.clone()).collect::<Vec<_>>().join("|")).collect::<Vec<_>>()
    };
    assert_eq!(answer(&[]), ["orders|Order 1, 2|total", "  customer|Customer 1, 2|name"]);
    assert_eq!(answer(&[("failing", "name")]), ["orders|Order 1, 2|total", "  customer|Customer 1, 2|name null"]);
    assert_eq!(answer(&[("failing", "customer")]), ["orders|Order 1, 2|total", "  customer|null|"]);
}
