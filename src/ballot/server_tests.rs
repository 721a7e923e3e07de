use std::net::TcpStream;
use std::sync::Barrier;

use super::{NoServer, Server, Wish};
use crate::ballot::client::{Answer, Browser, at, connect, server};
use crate::ballot::poll::{Question, Stage};
use crate::ballot::room::Room;
use crate::ballot::seats::FROM_ONE_ADDRESS_MAX;

fn ask(room: &Room, options: &[&str]) {
    room.ask(Question { text: "Who is told <ok>?".to_string(), options: options.iter().map(ToString::to_string).collect() });
}

fn open(room: &Room) -> u32 {
    room.open();
    match room.tally().stage {
        Stage::Open { round, .. } => round.number(),
        other => panic!("{other:?}"),
    }
}

#[test]
fn a_phone_without_scripts_comes_in_votes_and_changes_its_vote() {
    let server = server();
    let (room, mut phone) = (server.room(), Browser::new(&server));
    assert!(phone.page().contains(&format!("content=\"0;url=/{}?in\"", phone.code)), "first it is sent to come from this very site");
    assert_eq!(phone.cookie, None);
    let mut phone = phone.inside();
    assert!(phone.page().contains("You are in."));
    ask(room, &["only c2", "both & all", "neither"]);
    let page = phone.page();
    assert!(page.contains("Not open yet.") && page.contains("Who is told &lt;ok&gt;?") && page.contains("both &amp; all"));
    let round = open(room);
    assert!(phone.page().contains("Open: choose one."));
    let path = format!("/{}", phone.code);
    let voted = phone.post(&path, &format!("round={round}&choice=2"), "");
    assert_eq!((voted.status, voted.header("location")), (303, Some(path.to_lowercase().as_str())));
    assert!(phone.page().contains("Your vote: 2."));
    phone.post(&path, &format!("round={round}&choice=3"), "");
    assert!(phone.page().contains("Your vote: 3."));
    assert_eq!((room.tally().counts, room.tally().voted), (vec![vec![0, 0, 1]], 1));
    room.close();
    let late = phone.post(&path, &format!("round={round}&choice=1"), "");
    assert!(late.status == 409 && late.body.contains("That tap came too late. Closed. Your vote: 3."));
    let second = open(room);
    assert_eq!(phone.vote(round, 1).status, 409, "a page of the first round");
    let wrong = phone.vote(second, 4);
    assert!(wrong.status == 409 && wrong.body.contains("There is no such answer."));
    let voted = phone.vote(second, 1);
    assert_eq!((voted.status, voted.header("x-part")), (200, Some("1")));
    assert!(voted.body.starts_with("<p id=\"state\"") && voted.body.contains("Your vote: 1."), "the script gets what is inside the frame");
    assert_eq!(room.tally().counts, [[0, 0, 1], [1, 0, 0]]);
}

#[test]
fn a_code_is_typed_in_any_case() {
    let server = server();
    let mut phone = Browser::new(&server);
    assert!(phone.get("/").body.contains("Type the code"));
    let typed = format!("{}+{}", &phone.code[..2].to_lowercase(), &phone.code[2..]);
    let right = phone.post("/", &format!("code={typed}"), "");
    assert_eq!((right.status, right.header("location")), (303, Some(format!("/{}", phone.code.to_lowercase()).as_str())));
    assert_eq!(phone.get(&format!("/{}", phone.code.to_lowercase())).status, 200);
    let wrong = phone.post("/", "code=BBBB", "");
    assert!(wrong.status == 403 && wrong.body.contains("That is not the code."));
}

#[test]
fn nothing_but_the_vote_is_there() {
    let server = server();
    let phone = Browser::new(&server).inside();
    let code = &phone.code;
    let mut wrong: Vec<u8> = code.clone().into_bytes();
    wrong.rotate_left(1);
    wrong[0] = if wrong[0] == b'B' { b'D' } else { b'B' };
    let wrong = String::from_utf8(wrong).unwrap();
    let paths = [
        "/favicon.ico",
        "/robots.txt",
        "//",
        "/.",
        "/../../etc/passwd",
        "/%2e%2e/etc/passwd",
        "/index.html",
        "/src/main.rs",
        "/*",
        "/%00",
        "/%ff",
        &format!("/{code}/"),
        &format!("/{code}/x"),
        &format!("/{code}/news/"),
        &format!("/{code}/news/x"),
        &format!("//{code}"),
        &format!("/x/{code}"),
        &format!("/{wrong}"),
        &format!("/{wrong}/news"),
        "/{code}",
    ];
    for path in paths {
        let answer = phone.ask("GET", path, "");
        assert_eq!(answer.status, 404, "{path}");
        assert!(!answer.body.contains(code.as_str()), "{path} tells no code");
    }
    for method in ["PUT", "DELETE", "OPTIONS", "PATCH", "TRACE", "PROPFIND"] {
        for path in ["/", &format!("/{code}"), &format!("/{code}/news"), "/x"] {
            assert_eq!(phone.ask(method, path, "").status, 404, "{method} {path}");
        }
    }
    assert_eq!(phone.post(&format!("/{code}/news"), "round=1&choice=1", "").status, 404);
    assert!(phone.ask("HEAD", "/", "").body.is_empty());
    assert_eq!(Browser::new(&server).ask("GET", &format!("/{code}/news"), "").status, 404, "news are for those who came in");
}

#[test]
fn every_answer_forbids_what_a_page_does_not_need() {
    let server = server();
    let mut phone = Browser::new(&server);
    let mut nonces = Vec::new();
    for path in ["/", "/x", &format!("/{}", phone.code), &format!("/{}?in", phone.code), &format!("/{}", phone.code)] {
        let answer = phone.get(path);
        for (name, value) in [
            ("cache-control", "no-store"),
            ("x-content-type-options", "nosniff"),
            ("x-frame-options", "deny"),
            ("referrer-policy", "same-origin"),
        ] {
            assert_eq!(answer.header(name), Some(value), "{path}");
        }
        let policy = answer.header("content-security-policy").unwrap();
        assert!(policy.starts_with("default-src 'none';") && policy.contains("frame-ancestors 'none'") && !policy.contains("unsafe"));
        let nonce = policy.split_once("script-src 'nonce-").unwrap().1.split_once('\'').unwrap().0.to_string();
        assert_eq!(answer.body.matches(&format!("nonce=\"{nonce}\"")).count(), 2);
        nonces.push(nonce);
        assert!(answer.header("server").is_none(), "it does not say what it is");
        if let Some(cookie) = answer.header("set-cookie") {
            assert!(cookie.ends_with("; httponly; samesite=strict; path=/"), "{cookie}");
        }
    }
    nonces.sort();
    nonces.dedup();
    assert_eq!(nonces.len(), 5, "a number used once");
    let see = phone.post("/", &format!("code={}", phone.code), "");
    assert_eq!(see.header("content-security-policy"), Some("default-src 'none'; frame-ancestors 'none'"));
    assert_eq!(see.header("cache-control"), Some("no-store"));
}

#[test]
fn other_sites_neither_read_nor_vote() {
    let server = server();
    let phone = Browser::new(&server).inside();
    ask(server.room(), &["a", "b"]);
    let round = open(server.room());
    let (code, to) = (&phone.code, phone.to);
    let status = |text: String| phone.raw(&text).map(|answer| answer.status);
    for host in ["evil.example", &format!("evil.example:{}", to.port()), &format!("{to}.evil.example"), ""] {
        assert_eq!(status(format!("GET /{code} HTTP/1.1\r\nHost: {host}\r\n\r\n")), Some(421), "{host}");
    }
    assert_eq!(status(format!("GET /{code} HTTP/1.0\r\n\r\n")), Some(421), "no host");
    assert_eq!(status(format!("GET /{code} HTTP/1.1\r\nHost: {to}\r\nHost: evil.example\r\n\r\n")), Some(421), "two hosts");
    let body = format!("round={round}&choice=1");
    let path = format!("/{code}");
    for origin in ["null", "http://evil.example", "http://127.0.0.1", &format!("http://evil.example@{to}")] {
        assert_eq!(phone.post(&path, &body, &format!("Origin: {origin}\r\n")).status, 403, "{origin}");
    }
    assert_eq!(phone.post(&path, &body, &format!("Origin: http://{to}\r\nOrigin: http://evil.example\r\n")).status, 403);
    let cookie = phone.cookie.as_ref().unwrap();
    for kind in ["Content-Type: text/plain\r\n", "Content-Type: application/json\r\n", ""] {
        let text = format!("POST {path} HTTP/1.1\r\nHost: {to}\r\nCookie: {cookie}\r\n{kind}Content-Length: {}\r\n\r\n{body}", body.len());
        assert_eq!(status(text), Some(415), "{kind}");
    }
    assert_eq!(server.room().tally().voted, 0);
    assert_eq!(phone.post(&path, &body, &format!("Origin: http://{to}\r\n")).status, 303);
    assert_eq!(server.room().tally().voted, 1);
    let stranger = Browser { cookie: Some("splitbrain_vote=0123456789abcdef0123456789abcdef".to_string()), ..phone.clone() };
    assert_eq!((stranger.vote(round, 2).status, server.room().tally().voted), (303, 1), "a token that nobody was given");
}

#[test]
fn long_and_broken_requests_are_refused() {
    let server = server();
    let phone = Browser::new(&server).inside();
    ask(server.room(), &["a", "b"]);
    let round = open(server.room());
    let path = format!("/{}", phone.code);
    let form = |body: &str| phone.post(&path, body, "").status;
    assert_eq!(form(&format!("round={round}&choice=1&x={}", "x".repeat(1_100))), 413);
    for body in [
        "",
        "round=1",
        "choice=1",
        "round=x&choice=1",
        "round=1&choice=0",
        "round=1&choice=-1",
        "round=99999999999&choice=1",
        "round=1&choice=1&choice=2",
        "\u{e9}",
    ] {
        assert_eq!(form(body), 400, "{body}");
    }
    let head = format!(
        "POST {path} HTTP/1.1\r\nHost: {}\r\nCookie: {}\r\nContent-Type: application/x-www-form-urlencoded\r\n",
        phone.to,
        phone.cookie.clone().unwrap()
    );
    let status = |text: &str| phone.raw(text).map(|answer| answer.status);
    assert_eq!(status(&format!("{head}Content-Length: 99999999999\r\n\r\n{}", "x".repeat(3_000))), Some(413));
    let chunks = "400\r\n".to_string() + &"x".repeat(0x400) + "\r\n";
    assert_eq!(status(&format!("{head}Transfer-Encoding: chunked\r\n\r\n{}", chunks.repeat(4))), Some(413));
    assert_eq!(status(&format!("GET / HTTP/1.1\r\nHost: {}\r\nx: {}\r\n\r\n", phone.to, "x".repeat(20_000))), Some(431));
    let many: String = "x: 1\r\n".repeat(100);
    assert_eq!(status(&format!("GET / HTTP/1.1\r\nHost: {}\r\n{many}\r\n", phone.to)), Some(431));
    assert_eq!(status(&format!("GET /{} HTTP/1.1\r\nHost: {}\r\n\r\n", "x".repeat(20_000), phone.to)).unwrap_or(414) / 100, 4);
    for nonsense in
        ["\r\n\r\n\r\n\r\n", "hello\r\n\r\n", "GET / HTTP/9.9\r\n\r\n", "\u{16}\u{3}\u{1}\0\u{1}", "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"]
    {
        let mut stream = connect(phone.to, None);
        std::io::Write::write_all(&mut stream, nonsense.as_bytes()).unwrap();
        stream.shutdown(std::net::Shutdown::Write).unwrap();
        assert!(Answer::read(&mut stream).is_none_or(|answer| answer.status / 100 == 4), "{nonsense:?}");
    }
    assert_eq!(phone.vote(round, 1).status, 200, "it still takes votes");
    assert_eq!(server.room().tally().counts, [[1, 0]]);
}

#[test]
fn who_is_slow_is_gone_in_time_and_keeps_nobody_waiting() {
    let server = server();
    let phone = Browser::new(&server).inside();
    ask(server.room(), &["a", "b"]);
    let round = open(server.room());
    let mut silent = connect(phone.to, None);
    let mut half = connect(phone.to, None);
    std::io::Write::write_all(&mut half, b"GET / HTTP/1.1\r\nHost:").unwrap();
    let mut body = connect(phone.to, None);
    let head = format!(
        "POST /{} HTTP/1.1\r\nHost: {}\r\nCookie: {}\r\nContent-Type: application/x-www-form-urlencoded\r\nContent-Length: 20\r\n\r\nround",
        phone.code,
        phone.to,
        phone.cookie.clone().unwrap()
    );
    std::io::Write::write_all(&mut body, head.as_bytes()).unwrap();
    assert_eq!(phone.vote(round, 2).status, 200);
    assert!(Answer::read(&mut silent).is_none());
    assert!(Answer::read(&mut half).is_none_or(|answer| answer.status == 408));
    assert_eq!(Answer::read(&mut body).unwrap().status, 408);
    assert_eq!(server.room().tally().counts, [[0, 1]]);
}

#[test]
fn codes_cannot_be_tried_without_end() {
    let server = server();
    let phone = Browser::apart(&server, 1);
    let wrong =
        |n: usize| format!("code={}", ["BBBBB", "DDDDD", "FFFFF"].into_iter().filter(|code| *code != phone.code).nth(n % 2).unwrap());
    let statuses: Vec<u16> = (0..12).map(|n| phone.post("/", &wrong(n), "").status).collect();
    assert_eq!(
        (statuses[..8].iter().all(|&status| status == 403), statuses[9..].iter().all(|&status| status == 429)),
        (true, true),
        "{statuses:?}"
    );
    assert_eq!(phone.ask("GET", &format!("/{}", phone.code), "").status, 429, "and then nobody looks at the right one either");
    if phone.from.is_some() {
        assert_eq!(Browser::apart(&server, 2).ask("GET", &format!("/{}", phone.code), "").status, 200, "somebody else still comes in");
    }
}

#[test]
fn one_address_has_four_places_until_the_teacher_lets_it_share() {
    let server = server();
    let room = server.room();
    let path = format!("/{}?in", room.code());
    for _ in 0..4 {
        Browser::new(&server).inside();
    }
    let refused = Browser::new(&server).get(&path);
    assert!(refused.status == 403 && refused.body.contains("No place left") && refused.header("set-cookie").is_none());
    assert_eq!((room.tally().devices, room.tally().crowded), (4, 1));
    room.share_addresses();
    Browser::new(&server).inside();
    assert_eq!((room.tally().devices, room.tally().crowded), (5, 0));
}

#[test]
fn no_page_tells_how_the_others_vote() {
    let server = server();
    let room = server.room();
    room.share_addresses();
    let mut phone = Browser::new(&server).inside();
    ask(room, &["a", "b"]);
    let round = open(room);
    phone.vote(round, 1);
    let nonce = |page: &str| page.split_once("style nonce=\"").unwrap().1.split_once('"').unwrap().0.to_string();
    let shown = |page: String| {
        page.replace(&nonce(&page), "")
            .split("data-at=\"")
            .map(|part| part.trim_start_matches(|c: char| c.is_ascii_digit()).to_string())
            .collect::<Vec<_>>()
    };
    let before = shown(phone.page());
    for n in 0..20 {
        Browser::new(&server).inside().vote(round, 1 + n % 2);
    }
    assert_eq!(room.tally().counts, [[11, 10]]);
    assert_eq!(shown(phone.page()), before);
}

#[test]
fn news_bring_every_change_and_nothing_else() {
    let server = server();
    let room = server.room();
    let phone = Browser::new(&server).inside();
    let other = Browser::new(&server).inside();
    let (mut news, mut tab) = (phone.listen(), phone.listen());
    assert_eq!(news.state(), "You are in.");
    ask(room, &["a", "b"]);
    assert_eq!(news.state(), "Not open yet.");
    let round = open(room);
    assert_eq!(news.state(), "Open: choose one.");
    other.vote(round, 2);
    phone.vote(round, 1);
    assert_eq!(news.state(), "Your vote: 1. Tap another answer to change it.", "the vote of another phone is no news");
    room.close();
    assert_eq!(news.state(), "Closed. Your vote: 1.");
    room.withdraw();
    assert_eq!(news.state(), "You are in.");
    ask(room, &["a", "b"]);
    phone.vote(open(room), 2);
    // A second tab, however far behind, ends at what is so now.
    while tab.state() != "Your vote: 2. Tap another answer to change it." {}
}

/// Two rounds of a class: everybody comes in, hears that it is open, votes, some change their mind, and all hear that it is closed.
fn class(server: &Server, phones: Vec<Browser>) {
    let room = server.room();
    let count = phones.len();
    let (come, opened, voted, closed) =
        (Barrier::new(count + 1), Barrier::new(count + 1), Barrier::new(count + 1), Barrier::new(count + 1));
    let pupil = |n: usize, phone: Browser| {
        let phone = phone.inside();
        let mut news = phone.listen();
        assert_eq!(news.state(), "Not open yet.");
        come.wait();
        for round in 1..=2 {
            opened.wait();
            assert_eq!(news.state(), if round == 1 { "Open: choose one." } else { "Open again: choose one." });
            assert_eq!(phone.vote(round, 1 + n % 3).status, 200);
            if n.is_multiple_of(2) {
                assert_eq!(phone.vote(round, round as usize).status, 200);
            }
            voted.wait();
            while !news.state().starts_with("Closed. Your vote: ") {}
            closed.wait();
        }
    };
    ask(room, &["a", "b", "c"]);
    std::thread::scope(|scope| {
        for (n, phone) in phones.into_iter().enumerate() {
            scope.spawn(move || pupil(n, phone));
        }
        come.wait();
        for _ in 0..2 {
            room.open();
            opened.wait();
            voted.wait();
            room.close();
            closed.wait();
        }
    });
    let expected = |round: usize| {
        (0..3)
            .map(|option| (0..count).filter(|n| if n.is_multiple_of(2) { round == option } else { n % 3 == option }).count() as u32)
            .collect::<Vec<_>>()
    };
    let tally = room.tally();
    assert_eq!((tally.counts, tally.voted, tally.devices), (vec![expected(0), expected(1)], count, count));
}

#[test]
fn two_hundred_phones_vote_twice_and_every_vote_counts_once() {
    let server = server();
    let phones: Vec<Browser> = (0..200).map(|n| Browser::apart(&server, n)).collect();
    if phones[0].from.is_none() {
        server.room().share_addresses();
    }
    class(&server, phones);
    if cfg!(target_os = "linux") {
        assert_eq!((server.room().tally().most_at_one_address, server.room().tally().crowded), (1, 0));
    }
}

#[test]
fn two_hundred_phones_behind_one_address_vote_too() {
    let server = server();
    server.room().share_addresses();
    class(&server, (0..200).map(|_| Browser::new(&server)).collect());
    assert_eq!(server.room().tally().most_at_one_address, 200);
}

#[test]
fn a_flood_from_one_address_is_held_off() {
    let server = server();
    let flood = Browser::apart(&server, 1);
    let passed = (0..300).filter(|_| flood.ask("GET", "/", "").status == 200).count();
    assert!((120..250).contains(&passed), "{passed} of 300 in a moment, where 120 may come at once and 20 a second");
    let idle: Vec<TcpStream> = (0..FROM_ONE_ADDRESS_MAX).map(|_| connect(flood.to, flood.from)).collect();
    assert!(Answer::read(&mut connect(flood.to, flood.from)).is_none(), "one too many is not listened to");
    if flood.from.is_some() {
        assert_eq!(Browser::apart(&server, 2).ask("GET", "/", "").status, 200, "others do not notice");
    }
    drop(idle);
}

#[test]
fn a_device_that_taps_without_end_is_slowed_down() {
    let server = server();
    let phone = Browser::new(&server).inside();
    ask(server.room(), &["a", "b"]);
    let round = open(server.room());
    let taps: Vec<Answer> = (0..30).map(|n| phone.vote(round, 1 + n % 2)).collect();
    assert!(taps[..12].iter().all(|answer| answer.status == 200));
    let slow = taps.iter().find(|answer| answer.status == 429).unwrap();
    assert!(slow.body.contains("Too fast: that tap did not count. Your vote: "));
    assert_eq!(server.room().tally().voted, 1);
}

#[test]
fn when_it_is_dropped_nothing_listens_and_everybody_is_sent_home() {
    let server = server();
    let (to, phone) = (at(&server), Browser::new(&server).inside());
    let mut news = phone.listen();
    assert_eq!(news.state(), "You are in.");
    let mut idle = connect(to, None);
    drop(server);
    assert_eq!(news.next(), None);
    assert!(Answer::read(&mut idle).is_none());
    assert!(TcpStream::connect(to).is_err());
    let again = Server::start(Wish { address: Some(to.ip()), port: to.port() }).unwrap();
    assert_eq!(again.addresses(), [to], "and the port is free at once");
}

#[test]
fn a_port_in_use_is_said_with_what_to_do() {
    let server = server();
    let error = Server::start(Wish { address: Some(at(&server).ip()), port: at(&server).port() }).unwrap_err();
    assert!(matches!(error, NoServer::InUse(_)), "{error}");
    let text = error.to_string();
    assert!(text.contains(&format!("port {} of 127.0.0.1 is in use", at(&server).port())) && text.contains("--vote-port"), "{text}");
}

#[test]
fn a_link_is_what_a_camera_reads() {
    let server = server();
    let link = server.link(at(&server));
    assert_eq!(link, format!("HTTP://127.0.0.1:{}/{}", at(&server).port(), server.room().code()));
}
