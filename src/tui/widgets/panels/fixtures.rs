//! Panels as clusters would fill them.

mod figures;

use crate::cluster::scene::*;
use crate::sim::time::{Span, Time};
use crate::tui::widgets::scenes::n;
pub(crate) use figures::{holders, ladder, logs, partitions, replies};

fn e(text: &str) -> Entry {
    Entry::new(text, Tone::Plain)
}

fn toned(text: &str, tone: Tone) -> Entry {
    Entry::new(text, tone)
}

fn changed(text: &str) -> Entry {
    Entry { changed: true, ..e(text) }
}

fn signs(text: &str) -> Queue {
    let mut queue = Queue::default();
    for c in text.chars() {
        let mark = match c {
            '>' => Mark::Message(Sign::Request),
            '#' => Mark::Message(Sign::Data),
            '.' => Mark::Message(Sign::Heartbeat),
            letter => Mark::Letter(letter),
        };
        queue.push(mark, if c == '!' { Tone::Bad } else { Tone::Plain });
    }
    queue
}

pub(crate) fn queues() -> Body {
    let work = || vec![Run::new(Mark::Message(Sign::Request), 1)];
    let quiet = Queue {
        name: "n1".into(),
        at_work: work(),
        limit: Some(20),
        oldest: Some(Span::ms(180)),
        note: "• is 4th".into(),
        ..signs(">>>.>>#>>>")
    };
    let full = Queue { name: "n2".into(), at_work: work(), limit: Some(20), refused: 14.0, changed: true, ..signs(">>>.>>#>>>>>>>>>>>>>") };
    let workers = Queue { name: "workers".into(), limit: Some(10), note: "9 wait for pay, 1 for home".into(), ..signs("ppppppppph") };
    let long = Queue { name: "broker".into(), waiting: vec![Run::new(Mark::Message(Sign::Request), 180)], ..Queue::default() };
    let empty = Queue { name: "dead".into(), ..Queue::default() };
    Body::Queues(vec![quiet, full, workers, long, empty])
}

/// The three lines of a broker.
pub(crate) fn broker_queues() -> Body {
    let ready = Queue { name: "ready".into(), oldest: Some(Span::ms(640)), ..signs(">>>>>>>") };
    let flying = Queue { name: "in flight".into(), limit: Some(4), note: "the oldest comes back in 2.4 s".into(), ..signs(">>") };
    let dead = Queue { name: "dead".into(), note: "gave up after 3 attempts".into(), changed: true, ..signs("!") };
    Body::Queues(vec![ready, flying, dead])
}

pub(crate) fn buckets() -> Body {
    let pass = |&(ago, passed): &(u64, bool)| Pass { ago: Span::ms(ago), passed };
    let passes = [(990, true), (900, true), (700, true), (400, false), (390, true), (120, false), (60, true)].iter().map(pass).collect();
    let tokens = Bucket {
        name: "tokens".into(),
        held: 0,
        size: 10,
        counts_up: false,
        next: Some((0.7, Span::ms(60))),
        note: "5/s, burst 10".into(),
        passes,
        window: Span::s(1),
        worst: None,
    };
    let window = Bucket { name: "window".into(), held: 31, size: 40, counts_up: true, next: None, passes: Vec::new(), ..tokens.clone() };
    Body::Buckets(vec![tokens, window])
}

/// A window across whose edge twice as many passed.
pub(crate) fn fullest() -> Body {
    let passes = [1300, 1290, 1280, 1200, 1190, 1180].map(|ago| Pass { ago: Span::ms(ago), passed: true });
    let worst = Fullest { first: Span::ms(1300), last: Span::ms(1180), says: "6 in 1s, limit 3".into() };
    Body::Buckets(vec![Bucket {
        name: "window".into(),
        held: 0,
        size: 3,
        counts_up: true,
        next: Some((0.3, Span::ms(700))),
        note: String::new(),
        passes: passes.into(),
        window: Span::s(2),
        worst: Some(worst),
    }])
}

pub(crate) fn gauges() -> Body {
    let part = |kind, ms, word: &str| Part { kind, took: Span::ms(ms), word: word.into() };
    Body::Gauges(vec![
        Gauge::Filled(Level { name: "busy".into(), share: 0.7, says: "70 %".into(), tone: Tone::Plain }),
        Gauge::Filled(Level { name: "disk".into(), share: 0.97, says: "31 of 32 GB".into(), tone: Tone::Stale }),
        Gauge::Counted { name: "votes".into(), have: 2, of: 3, note: "n5 has not answered".into() },
        Gauge::Parts {
            name: "#512 view".into(),
            parts: vec![
                part(PartKind::Wire, 6, "wire"),
                part(PartKind::Waiting, 200, "queued at app3"),
                part(PartKind::Work, 40, "work"),
                part(PartKind::Beyond, 8, "db"),
            ],
        },
    ])
}

/// The p99 of a server that becomes slow.
pub(crate) fn series() -> Body {
    let points = |value: fn(u64) -> f64| (0..64).map(|i| (Time::ZERO + Span::ms(i * 100), value(i))).collect();
    let series = |name: &str, unit, loud, value| Series { name: name.into(), unit, points: points(value), limit: None, loud };
    let p99 = series("p99", Unit::Ms, true, |i| if i < 40 { 36.0 } else { 36.0 + (i as f64 - 40.0) * 20.0 }.min(254.0));
    Body::Series(vec![
        Series { limit: Some(200.0), ..p99 },
        series("p50", Unit::Ms, false, |i| 30.0 + (i % 5) as f64),
        series("ok", Unit::PerSecond, false, |i| if i < 40 { 840.0 } else { 760.0 }),
    ])
}

pub(crate) fn histogram() -> Body {
    let bar = |label: &str, count, note: &str| Bar { label: label.into(), count, note: note.into(), tone: Tone::Plain };
    Body::Histogram(Histogram {
        about: "leaders at once, 1,000 seeds".into(),
        bars: vec![bar("1", 812, ""), bar("2", 147, ""), bar("3", 35, ""), bar("4", 6, "seed 417 at 0.412 s")],
        chosen: Some(3),
        marks: vec![(1, "p95".into())],
    })
}

pub(crate) fn table() -> Body {
    let row = |entries: [Entry; 5], node| TableRow { entries: entries.into(), node, ..TableRow::default() };
    Body::Table(Table {
        more: 0,
        headings: ["server", "rate", "busy", "p99", "errors"].map(String::from).into(),
        rows: vec![
            row([e("app1"), e("280/s"), e("70 %"), e("36 ms"), e("0")], Some(n(2))),
            row([e("app2"), e("280/s"), e("70 %"), e("36 ms"), e("0")], Some(n(3))),
            row([e("app3"), changed("200/s"), toned("100 %", Tone::Stale), e("254 ms"), toned("80/s", Tone::Bad)], Some(n(4))),
            row([e("all"), e("760/s"), e(""), e("254 ms"), e("80/s")], None),
        ],
    })
}

/// One script over several values of a setting.
pub(crate) fn measure() -> Body {
    let row = |name: &str, ms: f64, refused: &str, marked| TableRow {
        entries: vec![e(name), e(&format!("{ms:.0} ms")), e("refused"), e(refused)],
        bar: Some(ms),
        marked,
        node: None,
    };
    let waits = TableRow { entries: vec![e("least busy"), toned("…", Tone::Quiet)], ..TableRow::default() };
    Body::Table(Table {
        more: 0,
        headings: Vec::new(),
        rows: vec![
            row("random", 412.0, "3.1 %", false),
            row("round robin", 205.0, "0.4 %", false),
            row("two choices", 121.0, "0.0 %", true),
            waits,
        ],
    })
}

pub(crate) fn ring() -> Ring {
    let owner = |number: u16, changed| Owner { node: n(number), name: format!("n{number}"), changed, down: number == 3 };
    let token = |at, owner| Token { at, owner };
    let key = |at: f64| RingKey { at, moved: (0.611..0.806).contains(&at), owner: None };
    Ring {
        owners: vec![owner(1, false), owner(2, false), owner(3, false), owner(4, true)],
        tokens: vec![token(0.111, 0), token(0.361, 1), token(0.611, 2), token(0.806, 3)],
        keys: (0..20).map(|i| key(f64::from(i) / 20.0 + 0.02)).collect(),
        moved: vec![(0.611, 0.806)],
        middle: vec!["4 of 20 keys moved".into(), "20 %, all to n4".into()],
        straight: false,
    }
}

pub(crate) fn grid(members: u16) -> Grid {
    let state = |i: u16| match (u32::from(i) * 7919) % 101 {
        0..=9 => Heard::Just,
        10..=21 => Heard::Had,
        22 if i < 500 => Heard::Suspect,
        23 => Heard::Dead,
        _ => Heard::Not,
    };
    let all: Vec<Member> = (1..=members).map(|i| Member { node: n(i), state: state(i) }).collect();
    let heard = all.iter().filter(|m| matches!(m.state, Heard::Just | Heard::Had)).count();
    let says = format!("{heard} of {members}");
    Grid {
        level: Some(Level { name: "heard of it".into(), share: heard as f64 / f64::from(members), says, tone: Tone::Plain }),
        members: all,
        row: 72,
        words: ["just now", "before", "not yet", "suspect", "dead"],
        notes: vec!["n417: no answer to n12 for 1.5 s, nor to 3 it asked   dead in 2.1 s".into()],
    }
}

pub(crate) fn strips() -> Body {
    let hours = |h: u64| Time::ZERO + Span::s(h * 3600);
    let line = |name: &str, down: &[(u64, u64)], share: &str, words: &str| {
        let mut stretches = vec![Stretch { from: Time::ZERO, state: State::Up }];
        for &(from, to) in down {
            stretches.extend([Stretch { from: hours(from), state: State::Down }, Stretch { from: hours(to), state: State::Up }]);
        }
        StripLine { name: name.into(), stretches, note: Row::new(share, words, Tone::Plain) }
    };
    Body::Strips(Strips {
        lines: vec![
            line("app1", &[(300, 305)], "99.31 %", "down 5 h"),
            line("app2", &[(303, 306)], "99.58 %", "down 3 h"),
            line("db1", &[], "100.00 %", ""),
            line("service", &[(303, 305)], "99.93 %", "3 nines"),
        ],
        note: "99.9 % allows 43 min, so 13 min are left".into(),
    })
}

pub(crate) fn checklist() -> Body {
    let check = |tone, text: &str, value: &str| Check { tone, text: text.into(), value: value.into() };
    Body::Checklist(Checklist {
        checks: vec![
            check(Tone::Good, "BEGIN", ""),
            check(Tone::Good, "UPDATE anna -30", "100 ▸ 70"),
            check(Tone::Bad, "crash", ""),
            check(Tone::Quiet, "update bob +30", "never ran"),
        ],
    })
}

pub(crate) fn knobs() -> Vec<Knob> {
    let numbers = |name: &str, value: &str, most| Knob { name: name.into(), ..Knob::setting("x", value, Stops::numbers(1..=most)) };
    vec![
        numbers("W", "3", 5),
        numbers("R", "2", 5),
        Knob::setting("repair", "on", Stops::words(&["on", "off"])),
        Knob { refused: Some("no server is up".into()), ..numbers("N", "5", 9) },
    ]
}

/// Every body with its name.
pub(crate) fn all() -> Vec<(&'static str, Body)> {
    vec![
        ("queues", queues()),
        ("broker", broker_queues()),
        ("buckets", buckets()),
        ("fullest", fullest()),
        ("gauges", gauges()),
        ("series", series()),
        ("histogram", histogram()),
        ("table", table()),
        ("measure", measure()),
        ("ring", Body::Ring(ring())),
        ("grid", Body::Grid(grid(1000))),
        ("members", Body::Grid(grid(24))),
        ("partitions", Body::Tracks(partitions())),
        ("logs", Body::Tracks(logs())),
        ("holders", Body::Tracks(holders())),
        ("replies", Body::Replies(replies(30))),
        ("replies-early", Body::Replies(replies(15))),
        ("ladder", Body::Ladder(ladder())),
        ("strips", strips()),
        ("checklist", checklist()),
    ]
}
