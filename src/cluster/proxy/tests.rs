//! Who sees whom, what caches keep, and who is believed, on runs by hand.

use super::MODEL;
use crate::check::verdict::Holds;
use crate::cluster::kit::trial::Trial;
use crate::cluster::scene::{Body, Layout, Scene};
use crate::sim::time::Span;

pub(super) fn run(settings: &[(&str, &str)], script: &[&str]) -> Trial {
    Trial::scripted(&MODEL, 8, settings, script)
}

fn told(trial: &mut Trial, ask: &str) -> String {
    trial.ask(ask, Span::s(1))
}

#[test]
fn a_page_walks_by_the_proxy_and_the_second_is_a_hit() {
    let mut trial = run(&[], &[]);
    assert_eq!(told(&mut trial, "c1 get http://news/"), "200 news v1");
    assert_eq!(trial.text("peer_at_site"), "203.0.113.1");
    assert_eq!(trial.text("peer_at_forward"), "10.0.0.1");
    assert_eq!(trial.text("readers"), "forward news");
    assert_eq!(told(&mut trial, "c2 get http://news/"), "200 news v1 (hit)");
    let counts = ["asked", "answered", "hits", "from_origins", "from_proxies", "bytes_to_clients", "bytes_from_origins", "bytes_saved"];
    assert_eq!(counts.map(|name| trial.count(name)), [2, 2, 1, 1, 0, 200_000, 100_000, 100_000]);
    assert!(trial.is("addresses_at.news", 1.0) && trial.is("kept_at.forward", 1.0));
    assert_eq!([trial.holds("hidden"), trial.holds("fresh"), trial.holds("tunnel")], [Holds::Yes, Holds::Yes, Holds::Untested]);
}

#[test]
fn a_tunnel_tells_the_proxy_a_host_and_a_length() {
    let mut trial = run(&[], &[]);
    assert_eq!(told(&mut trial, "c1 get https://bank/account"), "200 c1's account");
    assert_eq!(trial.text("readers"), "bank");
    assert!(trial.is("sealed_at.forward", 1.0) && trial.is("reads_at.forward", 0.0));
    assert_eq!(trial.holds("tunnel"), Holds::Yes);
    let mut opened = run(&[("own-ca", "trusted")], &[]);
    assert_eq!(told(&mut opened, "c1 get https://bank/account"), "200 c1's account");
    assert_eq!((opened.text("readers"), opened.holds("tunnel")), ("forward bank".to_string(), Holds::No));
    assert_eq!(told(&mut run(&[("own-ca", "untrusted")], &[]), "c1 get https://bank/account"), "certificate not trusted");
    // Unread is uncacheable; opened, it is kept as any other.
    let twice = |ca| run(&[("own-ca", ca)], &["c1 get https://news/", "run 1s", "c2 get https://news/", "run 1s"]).count("hits");
    assert_eq!([twice("none"), twice("trusted")], [0, 1]);
}

#[test]
fn who_reads_the_page_hangs_on_where_tls_ends() {
    let readers = |settings: &[(&str, &str)]| run(settings, &["c1 get https://shop/", "run 1s"]).text("readers");
    assert_eq!(readers(&[]), "reverse app1");
    assert_eq!(readers(&[("tls-ends", "app")]), "app1");
    assert_eq!(readers(&[("own-ca", "trusted")]), "forward reverse app1");
    assert_eq!(readers(&[("edge", "on"), ("hops", "2")]), "edge reverse app1");
    let plain = run(&[], &["c1 get http://shop/", "run 1s"]);
    assert_eq!(plain.text("readers"), "forward reverse app1");
}

#[test]
fn somebody_listens() {
    let heard = |listener, inner| {
        let trial =
            run(&[("listener", listener), ("inner", inner)], &["c1 get https://shop/cart", "run 1s", "c4 get https://shop/cart", "run 1s"]);
        (trial.count("overheard"), trial.holds("confidential"))
    };
    assert_eq!(heard("internet", "plain"), (0, Holds::Yes));
    assert_eq!(heard("office", "plain"), (0, Holds::Yes));
    assert_eq!(heard("inner", "plain"), (2, Holds::No));
    assert_eq!(heard("inner", "tls"), (0, Holds::Yes));
}

#[test]
fn the_address_that_is_believed() {
    let believed = |settings: &[(&str, &str)], ask: &str| {
        let trial = run(settings, &[ask, "run 1s"]);
        (trial.text("believed"), trial.holds("client_address"))
    };
    let forged = "c4 get http://shop/admin with x-forwarded-for 10.0.0.1";
    assert_eq!(believed(&[], "c4 get http://shop/"), ("198.51.100.4".to_string(), Holds::Yes));
    assert_eq!(believed(&[], "c1 get http://shop/"), ("203.0.113.1".to_string(), Holds::Yes));
    assert_eq!(believed(&[], forged), ("198.51.100.4".to_string(), Holds::Yes));
    assert_eq!(believed(&[("trust", "leftmost")], forged), ("10.0.0.1".to_string(), Holds::No));
    assert_eq!(believed(&[("trust", "leftmost")], "c4 get http://shop/"), ("198.51.100.4".to_string(), Holds::Yes));
    assert_eq!(believed(&[("trust", "leftmost"), ("adds", "replace")], forged), ("198.51.100.4".to_string(), Holds::Yes));
    assert_eq!(believed(&[("trust", "nobody")], forged), ("192.0.2.1".to_string(), Holds::No));
    assert_eq!(believed(&[("adds", "none")], forged), ("10.0.0.1".to_string(), Holds::No));
    assert_eq!(believed(&[("edge", "on")], forged), ("192.0.2.9".to_string(), Holds::No));
    assert_eq!(believed(&[("edge", "on"), ("hops", "2")], forged), ("198.51.100.4".to_string(), Holds::Yes));
    assert_eq!(believed(&[("hops", "2")], forged), ("10.0.0.1".to_string(), Holds::No));
    let past = "c4 get http://app1/admin with x-forwarded-for 10.0.0.1";
    assert_eq!(believed(&[("backends", "open")], past), ("10.0.0.1".to_string(), Holds::No));
    assert_eq!(told(&mut run(&[], &[]), past), "app1 closed the connection");
}

#[test]
fn forwarded_says_the_same_with_ipv6_in_quotes() {
    let settings = [("header", "forwarded"), ("addresses", "ipv6")];
    let forged = "c4 get http://shop/admin with forwarded \"for=\\\"[2001:db8:a::1]:4711\\\"\"";
    let mut trial = run(&settings, &[]);
    assert_eq!(told(&mut trial, forged), "403, 2001:db8:c::4 is not of the office");
    assert_eq!(trial.holds("client_address"), Holds::Yes);
    let mut left = run(&[settings[0], settings[1], ("trust", "leftmost")], &[]);
    assert_eq!(told(&mut left, forged), "200 admin page");
    assert_eq!((left.count("intruders"), left.count("forged")), (1, 1));
    assert_eq!(told(&mut trial, "c1 get http://shop/admin"), "200 admin page");
}

#[test]
fn what_the_forward_proxy_says_of_the_pc() {
    let hidden = |adds, ask: &str| run(&[("forward-adds", adds)], &[ask, "run 1s"]).holds("hidden");
    let by_hand = "c1 get http://news/ with x-forwarded-for 10.0.0.1";
    assert_eq!(
        ["none", "strip", "x-forwarded-for", "forwarded"].map(|adds| hidden(adds, "c1 get http://news/")),
        [Holds::Yes, Holds::Yes, Holds::No, Holds::No]
    );
    assert_eq!(["none", "strip"].map(|adds| hidden(adds, by_hand)), [Holds::No, Holds::Yes]);
    assert_eq!(hidden("none", "c1 get http://news/ direct"), Holds::No);
}

#[test]
fn a_list_of_names_stops_names() {
    let video = |settings: &[(&str, &str)], ask: &str| {
        let mut trial = run(settings, &["set blocked video", "run 6s"]);
        let told = told(&mut trial, ask);
        (told, trial.count("blocked"), trial.count("reached"))
    };
    let blocked = |why: &str, reached| (why.to_string(), usize::from(!why.starts_with("200")) as u64, reached);
    assert_eq!(video(&[], "c1 get http://video/"), blocked("403, forward blocks video", 0));
    assert_eq!(video(&[], "c1 get https://video/"), blocked("403, forward blocks video", 0));
    assert_eq!(video(&[], "c1 get http://192.0.2.21/"), blocked("200 video v1", 1));
    assert_eq!(video(&[("filter-by", "address")], "c1 get http://192.0.2.21/"), blocked("403, forward blocks 192.0.2.21", 0));
    assert_eq!(video(&[], "c1 get http://video/ direct"), blocked("200 video v1", 1));
    assert_eq!(video(&[], "c4 get http://video/"), blocked("200 video v1", 0));
    let closed = video(&[("firewall", "on")], "c1 get http://video/ direct");
    assert_eq!(closed, ("the office's firewall lets nothing out but forward".to_string(), 0, 0));
    let down = |how| {
        let mut trial = run(&[("proxy-down", how)], &["set blocked video", "run 6s", "crash forward"]);
        let told = trial.ask("c1 get http://video/", Span::s(3));
        (told, trial.count("reached"), trial.count("hit_percent") as usize)
    };
    assert_eq!(down("open"), ("200 video v1".to_string(), 1, 0));
    let mut closed = run(&[], &["crash forward"]);
    assert_eq!(closed.ask("c1 get http://news/", Span::s(3)), "forward did not answer");
}

#[test]
fn a_deploy_that_drains_is_not_noticed() {
    let deploy = |how, retry, call| {
        let load = format!("workload c4 200/s {call} keys shop");
        let trial = run(
            &[("deploy", how), ("retry", retry), ("work", "const(50ms)")],
            &[&load, "run 1s", "deploy app1", "run 1s", "deploy app2", "run 1s"],
        );
        assert_eq!(["release_at.app1", "release_at.app2", "backends_serving"].map(|name| trial.count(name)), [2; 3]);
        (trial.count("errors") > 0, trial.count("doubled") > 0)
    };
    assert_eq!(deploy("drain", "idempotent", "get"), (false, false));
    assert_eq!(deploy("drain", "idempotent", "post"), (false, false));
    assert_eq!(deploy("kill", "never", "get"), (true, false));
    assert_eq!(deploy("kill", "idempotent", "get"), (false, false), "what changes nothing is asked again");
    assert_eq!(deploy("kill", "idempotent", "post"), (true, false));
    assert_eq!(deploy("kill", "all", "post"), (false, true), "and what changes something is then done twice");
}

#[test]
fn balancing_and_draining() {
    let trial = run(&[("balance", "round-robin")], &["workload c4 steady 100/s get keys shop", "run 1s"]);
    assert!((trial.fact("requests_at.app1") - trial.fact("requests_at.app2")).abs() <= 1.0);
    let one = run(&[("balance", "hash")], &["workload c4 steady 100/s get keys shop", "run 1s"]);
    assert!(one.is("requests_at.app1", 0.0) || one.is("requests_at.app2", 0.0));
    let mut drained = run(&[], &["drain app1", "run 100ms", "workload c4 steady 100/s get keys shop", "run 1s"]);
    assert!(drained.is("requests_at.app1", 0.0) && drained.is("backends_serving", 1.0) && drained.is("errors", 0.0));
    assert!(drained.tries("drain app1").is_err_and(|refused| refused.0.contains("rests already")));
    drained.follow(&["deploy app1", "run 1s"]);
    assert!(drained.is("backends_serving", 2.0) && drained.is("release_at.app1", 2.0));
}

#[test]
fn a_connection_that_is_kept_is_opened_once() {
    // c4 is 20 ms from the shop's proxy, both ways, and that is 20 ms from its backends.
    let took = |connections| {
        let mut trial = run(&[("connections", connections), ("work", "const(0s)")], &[]);
        ["c4 get https://shop/", "c4 get https://shop/"].map(|ask| {
            trial.ask(ask, Span::s(1));
            trial.fact("answer_ms_last").round() as u64
        })
    };
    assert_eq!(took("free"), [40, 40]);
    // TCP, TLS 1.3, and the request; behind the proxy TCP and the request, each to its own backend.
    assert_eq!(took("each"), [20 + 20 + 20 + 20 + 20, 100]);
    assert_eq!(took("kept"), [100, 60], "the second goes to the other backend");
}

#[test]
fn buffering_frees_workers() {
    let busy = |buffering| {
        let settings = [
            ("buffering", buffering),
            ("client-rate", "100kB/s"),
            ("work", "const(50ms)"),
            ("shop-control", "no-store"),
            ("request-timeout", "30s"),
            ("try-timeout", "20s"),
        ];
        run(&settings, &["workload c4 steady 20/s get keys shop", "run 10s"]).count("busy")
    };
    // 20 a second, for 50 ms, or for the second that a page of 100 kB takes too.
    assert_eq!([busy("on"), busy("off")], [1, 21]);
}

#[test]
fn a_site_that_counts_by_address_counts_the_office_as_one() {
    let settings = [("address-limit", "3"), ("forward-cache", "off")];
    let mut trial = run(&settings, &["c1 get http://news/", "c2 get http://news/", "c3 get http://news/", "run 1s"]);
    assert_eq!(told(&mut trial, "c1 get http://news/"), "429, too many from 203.0.113.1");
    assert_eq!(told(&mut trial, "c4 get http://news/"), "200 news v1");
}

#[test]
fn compression_shortens_what_is_taken_so() {
    let mut trial = run(&[("compression", "on"), ("forward-cache", "off")], &["c1 get http://shop/", "run 1s"]);
    assert_eq!(trial.count("bytes_to_clients"), 30_000);
    assert_eq!(told(&mut trial, "c1 get http://shop/ with accept-encoding identity"), "200 shop v1");
    assert_eq!((trial.count("bytes_to_clients"), trial.holds("understood")), (130_000, Holds::Yes));
}

#[test]
fn what_does_not_fit_is_refused() {
    let mut trial = run(&[], &[]);
    for (poke, why) in [
        ("set upstream edge", "`set edge on` first"),
        ("set news-control max-age", "no directive of an answer"),
        ("c1 get news", "is no URL"),
        ("c1 get http://news/ with \"a b\" c", "is no field of a header"),
        ("deploy news", "names no backend"),
        ("purge app1", "names no proxy"),
        ("purge forward", "keeps nothing"),
    ] {
        let said = trial.tries(poke).map_or_else(|refused| refused.0, |()| "ok".to_string());
        assert!(said.contains(why), "{poke}: {said}");
    }
    assert_eq!(told(&mut trial, "c1 get http://nowhere/"), "502, nowhere leads nowhere");
}

#[test]
fn guarantees_are_untested_before_anybody_asks() {
    let trial = run(&[], &["run 1s"]);
    assert!(trial.cluster.verdicts().iter().all(|verdict| verdict.holds == Holds::Untested));
}

#[test]
fn a_copy_on_the_wire_is_no_second_request() {
    let trial = run(&[("forward-cache", "off")], &["duplication all 1", "c1 post http://shop/order", "c1 get http://news/", "run 2s"]);
    assert_eq!([trial.count("effects"), trial.count("answered"), trial.count("bytes_from_origins")], [1, 2, 100_200]);
    assert!(trial.is("reads_at.forward", 2.0) && trial.is("requests_at.app1", 1.0));
}

#[test]
fn under_each_hop_stands_what_it_sees_and_what_not() {
    let trial = run(&[], &["c1 get https://bank/account", "run 1s", "c1 get http://shop/cart", "run 1s"]);
    let mut scene = Scene::default();
    trial.cluster.scene(trial.cluster.now(), &mut scene);
    let rows = |name: &str| {
        let node = scene.nodes.iter().find(|node| node.name == name).expect(name);
        node.rows.iter().map(|row| format!("{} {}", row.label, row.value).trim().to_string()).collect::<Vec<_>>()
    };
    assert_eq!(rows("bank")[..3], ["sees 203.0.113.1", "GET bank/account", "told cookie c1"]);
    assert_eq!(rows("app1"), ["sees 192.0.2.1", "GET shop/cart", "told cookie c1; 203.0.113.1"]);
    assert_eq!(rows("reverse")[..3], ["sees 203.0.113.1", "GET shop/cart", "told cookie c1"]);
    let sealed = run(&[("own-ca", "none")], &["c1 get https://news/", "run 1s"]);
    sealed.cluster.scene(sealed.cluster.now(), &mut scene);
    let panel = scene.panels.iter().find(|panel| panel.title == "who sees whom").expect("the table");
    let Body::Table(table) = &panel.body else { panic!("{panel:?}") };
    let texts: Vec<Vec<&str>> = table.rows.iter().map(|row| row.entries.iter().map(|entry| entry.text.as_str()).collect()).collect();
    assert_eq!((texts[0][..2].to_vec(), texts[0][4]), (vec!["forward", "10.0.0.1"], "the page"));
    assert_eq!(texts[1], ["news", "203.0.113.1", "GET news/", "", "who asks"]);
    assert!(matches!(&scene.layout, Layout::Tiers(tiers) if tiers.len() == 3));
}

#[test]
fn an_opening_of_a_connection_goes_through_a_tunnel() {
    // TCP to the proxy, CONNECT with TCP behind it, TLS from end to end, and the request.
    let mut trial = run(&[("connections", "kept"), ("work", "const(0s)")], &[]);
    let mut took = || {
        trial.ask("c1 get https://bank/account", Span::s(1));
        trial.fact("answer_ms_last").round() as u64
    };
    assert_eq!([took(), took()], [20 + 20 + 20 + 40 + 40, 40]);
}
