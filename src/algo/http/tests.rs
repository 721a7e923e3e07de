//! Against the examples of the RFCs, and the mistakes that their texts warn of.

use proptest::prelude::*;

use super::*;

const SECOND: u64 = 1_000_000_000;

fn fields(all: &[(&str, &str)]) -> Fields {
    let mut fields = Fields::new();
    for (name, value) in all {
        fields.push(name, value);
    }
    fields
}

fn node(text: &str) -> Node {
    Node::read(text).unwrap_or_else(|| panic!("{text}"))
}

fn froms(text: &str) -> Vec<String> {
    forwarded(text)
        .unwrap_or_else(|bad| panic!("{bad}"))
        .iter()
        .map(|element| element.from.as_ref().map_or_else(String::new, Node::to_string))
        .collect()
}

#[test]
fn forwarded_reads_the_examples_of_rfc_7239() {
    assert_eq!(froms(r#"for="_gazonk""#), ["_gazonk"]);
    assert_eq!(froms(r#"For="[2001:db8:cafe::17]:4711""#), ["[2001:db8:cafe::17]:4711"]);
    assert_eq!(froms("for=192.0.2.43, for=198.51.100.17"), ["192.0.2.43", "198.51.100.17"]);
    assert_eq!(froms(r#"for=192.0.2.43,for="[2001:db8:cafe::17]",for=unknown"#), ["192.0.2.43", "[2001:db8:cafe::17]", "unknown"]);
    assert_eq!(froms("for=_hidden, for=_SEVKISEK"), ["_hidden", "_SEVKISEK"]);
    let whole = forwarded("for=192.0.2.60;proto=http;by=203.0.113.43").expect("section 4");
    let wanted = Element { from: Some(node("192.0.2.60")), by: Some(node("203.0.113.43")), host: None, proto: Some("http".into()) };
    assert_eq!(whole, [wanted]);
}

#[test]
fn an_element_is_written_with_quotes_where_it_needs_them() {
    let element = Element {
        from: Some(node("[2001:db8::17]:4711")),
        by: Some(node("192.0.2.1")),
        host: Some("shop".into()),
        proto: Some("https".into()),
    };
    assert_eq!(element.to_string(), r#"for="[2001:db8::17]:4711";by=192.0.2.1;host=shop;proto=https"#);
    assert_eq!(forwarded(&element.to_string()), Ok(vec![element]));
    for bad in ["for", "for=1.2.3", "for=[::1", "f or=1.2.3.4", r#"for="1.2.3.4"#, "for=_"] {
        assert!(forwarded(bad).is_err(), "{bad}");
    }
    assert_eq!(froms("for=192.0.2.1;secret=\"a,b;c\""), ["192.0.2.1"], "what is in quotes parts nothing");
}

#[test]
fn addresses_are_compared_and_not_their_texts() {
    assert_eq!(node("2001:db8::1"), node("[2001:0DB8:0:0::1]"));
    assert_eq!(node("[2001:db8::1]:4711").ip(), node("2001:db8::1").ip());
    assert_eq!(node("[2001:db8::1]:4711").port, Some(Port::Number(4711)));
    assert_eq!(node("_gazonk:_a").port, Some(Port::Hidden("_a".into())));
    for bad in ["", "1.2.3", "1.2.3.4:", "1.2.3.4:99999", "[2001:db8::1", "[1.2.3.4]", "_", "nobody", "1.2.3.4:x"] {
        assert_eq!(Node::read(bad), None, "{bad}");
    }
}

#[test]
fn the_left_is_what_the_client_wrote_and_the_right_what_ones_own_proxy_did() {
    let list = x_forwarded_for("10.0.0.1, 198.51.100.4");
    let believed = |trust: Trust| trust.believed(&list).map(Node::to_string);
    assert_eq!(believed(Trust::Leftmost).as_deref(), Some("10.0.0.1"));
    assert_eq!(believed(Trust::Hops(1)).as_deref(), Some("198.51.100.4"));
    assert_eq!(believed(Trust::Hops(2)).as_deref(), Some("10.0.0.1"), "counted too far");
    assert_eq!(believed(Trust::Hops(9)).as_deref(), Some("10.0.0.1"), "a list that is too short");
    assert_eq!(Trust::Hops(1).believed(&[]), None);
    let odd = x_forwarded_for("nonsense, \"[2001:db8:cafe::17]:80\", 192.0.2.43:47011");
    assert_eq!(odd.iter().map(Node::to_string).collect::<Vec<_>>(), ["unknown", "[2001:db8:cafe::17]:80", "192.0.2.43:47011"]);
}

#[test]
fn via_names_each_proxy_once() {
    let via = Via::read("1.0 fred, 1.1 p.example.net");
    assert_eq!(via.iter().map(Via::to_string).collect::<Vec<_>>(), ["1.0 fred", "1.1 p.example.net"]);
    assert_eq!(Via::read("1.0 ricky, 1.1 ethel, 1.1 fred, 1.0 lucy").len(), 4);
    assert_eq!(Via::read("HTTP/1.1 edge:80 (a comment)")[0], Via { protocol: "HTTP/1.1".into(), by: "edge:80".into() });
    assert!(Via::passed("1.1 forward, 1.1 Reverse", "reverse"));
    assert!(!Via::passed("1.1 forward", "reverse") && !Via::passed("", "reverse") && !Via::passed("1.1 (reverse)", "reverse"));
}

#[test]
fn fields_of_a_connection_end_at_its_end() {
    let sent = fields(&[
        ("Host", "shop"),
        ("Connection", "close, X-Secret"),
        ("x-secret", "7"),
        ("TE", "trailers"),
        ("keep-alive", "5"),
        ("cookie", "a"),
    ]);
    let names: Vec<String> = sent.end_to_end().iter().map(|(name, _)| name.to_string()).collect();
    assert_eq!(names, ["Host", "cookie"]);
    assert_eq!(fields(&[("accept", "a"), ("Accept", "b, ,c")]).list("ACCEPT"), ["a", "b", "c"]);
    assert_eq!(fields(&[("x", r#""a,b", c\"#)]).list("x"), [r#""a,b""#, r"c\"]);
    let mut list = fields(&[("x-forwarded-for", "1.1.1.1")]);
    list.append("X-Forwarded-For", "2.2.2.2");
    assert_eq!(list.get("x-forwarded-for").as_deref(), Some("1.1.1.1, 2.2.2.2"));
    assert_eq!(fields(&[("a", "bc")]).bytes(), 7, "a: bc and the end of the line");
}

#[test]
fn two_lengths_are_none() {
    let of = |all: &[(&str, &str)]| body_of_request(&fields(all));
    assert_eq!(of(&[]), Framing::Empty);
    assert_eq!(of(&[("content-length", "5")]), Framing::Length(5));
    assert_eq!(of(&[("content-length", "5, 5")]), Framing::Length(5));
    assert_eq!(of(&[("transfer-encoding", "gzip, chunked")]), Framing::Chunked);
    for bad in [
        &[("content-length", "5"), ("transfer-encoding", "chunked")][..],
        &[("content-length", "5"), ("content-length", "6")],
        &[("content-length", "+5")],
        &[("content-length", "99999999999999999999")],
        &[("transfer-encoding", "chunked, gzip")],
    ] {
        assert_eq!(of(bad), Framing::Bad, "{bad:?}");
    }
}

#[test]
fn cache_control_is_read_with_what_is_wrong_in_it() {
    let read = CacheControl::read("Max-Age=\"60\", no-cache=\"set-cookie\", max-age=9, x=\"no-store, private\", s-maxage=x");
    assert_eq!(read, CacheControl { max_age: Some(60), no_cache: true, s_maxage: Some(0), ..CacheControl::default() });
    assert_eq!(CacheControl::read("max-age=99999999999999999999").max_age, Some(1 << 31));
    assert_eq!(CacheControl::read("max-stale").max_stale, Some(None));
    assert!(CacheControl::check("public, max-age=60, must-revalidate").is_ok());
    for bad in ["", "nonsense", "-1", "max-age", "max-age=-1", "max-age=1.5", "private=x", "max-age=60; public"] {
        assert!(CacheControl::check(bad).is_err(), "{bad}");
    }
}

fn stores(request: &[(&str, &str)], control: &str, more: &[(&str, &str)], rules: Rules) -> Result<(), Unstored> {
    let mut answer = fields(more);
    answer.push("cache-control", control);
    may_store("GET", &fields(request), Meta { status: 200, fields: &answer, dates: Dates::default() }, &rules)
}

#[test]
fn what_a_shared_cache_keeps() {
    let key = [("authorization", "c1")];
    let cookie = [("set-cookie", "session=c1")];
    let kept = |request: &[(&str, &str)], control, more: &[(&str, &str)]| stores(request, control, more, Rules::RFC);
    assert_eq!(kept(&[], "max-age=60", &[]), Ok(()));
    assert_eq!(kept(&[], "max-age=60, private", &[]), Err(Unstored::Private));
    assert_eq!(kept(&[], "no-store, max-age=60", &[]), Err(Unstored::NoStore));
    assert_eq!(kept(&[("cache-control", "no-store")], "max-age=60", &[]), Err(Unstored::NoStore));
    assert_eq!(kept(&[], "no-cache", &[]), Ok(()), "no-cache: kept, and asked about before use");
    assert_eq!(kept(&[], "must-revalidate", &[]), Err(Unstored::Silent));
    // Section 3.5: each of three directives allows what Authorization forbids.
    assert_eq!(kept(&key, "max-age=60", &[]), Err(Unstored::Authorization));
    for allows in ["public, max-age=60", "s-maxage=60", "max-age=60, must-revalidate"] {
        assert_eq!(kept(&key, allows, &[]), Ok(()), "{allows}");
    }
    // Section 7.3: Set-Cookie does not stop a cache.
    assert_eq!(kept(&[], "max-age=60", &cookie), Ok(()));
    assert_eq!(stores(&[], "max-age=60", &cookie, Rules { cookies: false, ..Rules::RFC }), Err(Unstored::Cookie));
    assert_eq!(kept(&[], "max-age=60", &[("vary", "*")]), Err(Unstored::VaryAll));
    assert_eq!(kept(&[], "private", &[("etag", "v1")]), Err(Unstored::Private));
    let post = may_store(
        "POST",
        &Fields::new(),
        Meta { status: 200, fields: &fields(&[("cache-control", "max-age=60")]), dates: Dates::default() },
        &Rules::RFC,
    );
    assert_eq!(post, Err(Unstored::Method));
}

#[test]
fn lifetimes_in_their_order() {
    let of = |control: &str, dates| {
        let fields = fields(&[("cache-control", control)]);
        lifetime(Meta { status: 200, fields: &fields, dates }, 1000 * SECOND, &Rules::RFC) / SECOND
    };
    let dates = Dates { date: Some(50 * SECOND), expires: Some(80 * SECOND) };
    assert_eq!(
        [of("s-maxage=5, max-age=10", dates), of("max-age=10", dates), of("public", dates), of("public", Dates::default())],
        [5, 10, 30, 0]
    );
    let fields = fields(&[]);
    let own = lifetime(Meta { status: 200, fields: &fields, dates }, 10 * SECOND, &Rules { date: false, ..Rules::RFC });
    assert_eq!(own / SECOND, 70, "a clock that is 40 s behind makes it live 40 s longer");
}

#[test]
fn age_adds_what_the_caches_before_and_the_way_took() {
    let fields = fields(&[("age", "20")]);
    let meta = |date| Meta { status: 200, fields: &fields, dates: Dates { date, expires: None } };
    let times = (100 * SECOND, 102 * SECOND);
    // Corrected: 20 and 2 on the way; apparent: 102 - 90.
    assert_eq!(Age::of(meta(Some(90 * SECOND)), times, 102 * SECOND, &Rules::RFC).seconds(110 * SECOND), 30);
    assert_eq!(Age::of(meta(Some(60 * SECOND)), times, 102 * SECOND, &Rules::RFC).seconds(110 * SECOND), 50);
    // An origin whose clock is ahead does not make it younger.
    assert_eq!(Age::of(meta(Some(900 * SECOND)), times, 102 * SECOND, &Rules::RFC).seconds(102 * SECOND), 22);
    let own = Age::of(meta(Some(60 * SECOND)), times, 102 * SECOND, &Rules { age_before: false, ..Rules::RFC });
    assert_eq!(own.seconds(110 * SECOND), 8, "counted from its own keeping only");
}

#[test]
fn what_is_as_old_as_its_lifetime_is_stale() {
    let uses = |asked: &str, said: &str, age| {
        may_use(&fields(&[("cache-control", asked)]), &fields(&[("cache-control", said)]), age * SECOND, 60 * SECOND)
    };
    assert_eq!([uses("", "max-age=60", 59), uses("", "max-age=60", 60)], [Use::Fresh, Use::AskOrStale]);
    assert_eq!(uses("", "max-age=60, must-revalidate", 60), Use::Ask);
    assert_eq!(uses("", "s-maxage=60", 60), Use::Ask, "s-maxage has the same in it");
    assert_eq!(uses("", "max-age=60, no-cache", 1), Use::Ask);
    assert_eq!(uses("no-cache", "max-age=60", 1), Use::Ask);
    assert_eq!([uses("max-age=30", "max-age=60", 30), uses("max-age=30", "max-age=60", 31)], [Use::Fresh, Use::AskOrStale]);
    assert_eq!([uses("min-fresh=20", "max-age=60", 40), uses("min-fresh=20", "max-age=60", 41)], [Use::Fresh, Use::AskOrStale]);
    assert_eq!([uses("max-stale=10", "max-age=60", 70), uses("max-stale=10", "max-age=60", 71)], [Use::Fresh, Use::AskOrStale]);
    assert_eq!(uses("max-stale", "max-age=60, must-revalidate", 70), Use::Ask);
}

#[test]
fn vary_asks_for_the_same_fields() {
    let (french, english) = (fields(&[("accept-language", "fr, en")]), fields(&[("accept-language", "en")]));
    let answer = fields(&[("vary", "Accept-Language, accept-encoding")]);
    let kept = Vary::of(&french, &answer, &Rules::RFC);
    assert!(kept.matches(&fields(&[("Accept-Language", "FR,en"), ("cookie", "x")])), "blanks and other fields mean nothing");
    assert!(!kept.matches(&english) && !kept.matches(&Fields::new()));
    assert!(Vary::of(&french, &answer, &Rules { vary: false, ..Rules::RFC }).matches(&english));
}

#[test]
fn only_what_was_done_invalidates() {
    let gone = |method, status, invalidates: Invalidates| super::invalidates(method, status, &Rules { invalidates, ..Rules::RFC });
    assert!(gone("POST", 200, Invalidates::Done) && gone("DELETE", 303, Invalidates::Done));
    assert!(!gone("POST", 500, Invalidates::Done) && !gone("POST", 404, Invalidates::Done) && !gone("GET", 200, Invalidates::Done));
    assert!(gone("POST", 500, Invalidates::Always) && !gone("POST", 200, Invalidates::Never));
}

fn any_node() -> impl Strategy<Value = Node> {
    let name = prop_oneof![
        any::<std::net::Ipv4Addr>().prop_map(|ip| Name::Ip(ip.into())),
        any::<std::net::Ipv6Addr>().prop_map(|ip| Name::Ip(ip.into())),
        Just(Name::Unknown),
        "_[a-zA-Z0-9._-]{1,9}".prop_map(|text| Name::Hidden(text.into())),
    ];
    let port = prop_oneof![any::<u16>().prop_map(Port::Number), "_[a-zA-Z0-9._-]{1,5}".prop_map(|text| Port::Hidden(text.into()))];
    (name, proptest::option::of(port)).prop_map(|(name, port)| Node { name, port })
}

proptest! {
    #[test]
    fn what_is_written_reads_back(all in proptest::collection::vec((any_node(), proptest::option::of(any_node()), ".{0,12}"), 1..5)) {
        let element = |(from, by, host): (Node, Option<Node>, String)| {
            Element { from: Some(from), by, host: Some(host).filter(|host| !host.contains(char::is_control)), proto: None }
        };
        let elements: Vec<Element> = all.into_iter().map(element).collect();
        let text = elements.iter().map(Element::to_string).collect::<Vec<_>>().join(", ");
        prop_assert_eq!(forwarded(&text), Ok(elements));
    }

    #[test]
    fn nothing_that_is_typed_stops_a_reader(text in any::<String>()) {
        let fields = fields(&[("connection", &text), ("vary", &text), ("cache-control", &text), ("age", &text), ("content-length", &text)]);
        let _ = (forwarded(&text), x_forwarded_for(&text), Via::read(&text), body_of_request(&fields), fields.end_to_end());
        let meta = Meta { status: 200, fields: &fields, dates: Dates::default() };
        let _ = (may_store("GET", &fields, meta, &Rules::RFC), Age::of(meta, (1, 2), 3, &Rules::RFC).at(u64::MAX), lifetime(meta, 0, &Rules::RFC));
    }

    #[test]
    fn an_age_never_falls(date in any::<u64>(), asked in 0..u64::MAX / 2, way in any::<u32>(), first in any::<u64>(), later in any::<u32>()) {
        let fields = Fields::new();
        let meta = Meta { status: 200, fields: &fields, dates: Dates { date: Some(date), expires: None } };
        let age = Age::of(meta, (asked, asked + u64::from(way)), asked, &Rules::RFC);
        prop_assert!(age.at(first) <= age.at(first.saturating_add(later.into())));
        prop_assert!(age.at(first) >= u64::from(way));
    }
}
