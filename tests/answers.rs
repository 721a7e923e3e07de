//! What a terminal says by itself is never a key, whenever and in whatever parts it comes.
#![expect(clippy::unwrap_used, clippy::panic, reason = "a test fails by panicking")]
#![cfg(unix)]

mod pty;

use std::fmt::Write as _;
use std::time::Duration;

use pty::Session;

const DELAYS: [u64; 4] = [0, 40, 120, 1_000];
const LIGHT: &[u8] = b"\x1b]11;rgb:ffff/ffff/ffff\x1b\\";
const NARROW: &[u8] = b"\x1b[2;2R";
const WIDE: &[u8] = b"\x1b[2;3R";
const ATTRIBUTES: &[u8] = b"\x1b[?64;1;2;6;9;15;22c";

fn ms(ms: u64) -> Duration {
    Duration::from_millis(ms)
}

/// A session that has asked its questions.
fn asking() -> Session {
    let mut session = Session::splitbrain();
    until_asked(&mut session);
    session
}

fn until_asked(session: &mut Session) {
    session.until_sent(b"\x1b]11;?\x1b\\");
    session.until_sent(b"\x1b[6n");
    session.until_sent(b"\x1b[c");
}

/// Sends bytes one by one, with pauses.
fn drip(session: &mut Session, bytes: &[u8], pause: Duration) {
    for byte in bytes {
        session.send(&[*byte]);
        session.for_a_while(pause);
    }
}

/// The screen with its colours, at rest.
fn picture(session: &mut Session) -> String {
    session.settle();
    let screen = session.screen.screen();
    let mut all = String::new();
    for cell in (0..24).flat_map(|row| (0..80).map(move |column| screen.cell(row, column).unwrap())) {
        let sign = if cell.has_contents() { cell.contents() } else { " " };
        let colour = if sign == " " { vt100::Color::Default } else { cell.fgcolor() };
        let _ = writeln!(all, "{sign} {colour:?} {:?} {}", cell.bgcolor(), cell.bold());
    }
    all
}

/// The home screen as it is where the environment says that the background is light, after these keys.
fn light(keys: &[u8]) -> String {
    let mut session = Session::splitbrain_in(&[], &[("COLORFGBG", "0;15")]);
    session.send(keys);
    picture(&mut session)
}

#[test]
fn the_background_is_heard_however_late_and_in_whatever_parts() {
    let (light, dark) = (light(b""), picture(&mut Session::splitbrain()));
    assert_ne!(light, dark, "the environment is heard");
    let answers = [LIGHT, NARROW, ATTRIBUTES].concat();
    for delay in DELAYS {
        for pause in [None, Some(3), Some(30)] {
            let mut session = asking();
            session.for_a_while(ms(delay));
            match pause {
                None => session.send(&answers),
                Some(pause) => drip(&mut session, &answers, ms(pause)),
            }
            assert_eq!(picture(&mut session), light, "after {delay} ms, pauses of {pause:?} ms");
        }
    }
}

#[test]
fn keys_around_the_answers_stay_keys() {
    let mut session = asking();
    for part in [b"j", LIGHT, b"\x1b[A", NARROW, b"jj", ATTRIBUTES, b"k"] {
        session.send(part);
    }
    assert_eq!(picture(&mut session), light(b"j\x1b[Ajjk"));
}

#[test]
fn a_theme_that_was_asked_for_stays() {
    let mut session = Session::splitbrain_in(&["--theme", "dark"], &[]);
    let before = picture(&mut session);
    session.send(LIGHT);
    assert_eq!(picture(&mut session), before);
}

#[test]
fn what_nobody_asked_for_is_no_key() {
    let mut session = asking();
    session.send(ATTRIBUTES);
    let before = picture(&mut session);
    let unasked: [&[u8]; 12] = [
        ATTRIBUTES,
        b"\x1b[>41;390;0c",
        b"\x1b[12;40R",
        b"\x1b[1;2R",
        b"\x1b[?2026;1$y",
        b"\x1b[?997;2n",
        b"\x1b[8;24;80t",
        b"\x1bP>|XTerm(390)\x1b\\",
        b"\x1bP1$r0m\x1b\\",
        b"\x1b]4;1;rgb:cdcd/0000/0000\x1b\\",
        b"\x1b]10;rgb:0000/0000/0000\x07",
        b"\x1b_Gi=31;OK\x1b\\",
    ];
    for answer in unasked {
        session.send(answer);
        drip(&mut session, answer, ms(1));
    }
    assert_eq!(picture(&mut session), before);
    session.send(b"Q");
    assert!(session.end().success());
}

/// Leaves with these keys before the answers come, and shows what a program that reads the terminal next would read.
fn left_behind(keys: &[u8], delay: u64, pause: Option<u64>) -> String {
    let script = "\"$0\"; stty raw -echo min 0 time 15; echo over; dd bs=1 count=99 2>/dev/null | od -An -c; echo; echo the-end";
    let mut session = Session::start("sh", &["-c", script, env!("CARGO_BIN_EXE_splitbrain")]);
    session.until_taken();
    session.until("splitbrain");
    until_asked(&mut session);
    session.send(keys);
    session.for_a_while(ms(delay));
    let answers = [LIGHT, NARROW, ATTRIBUTES].concat();
    match pause {
        None => session.send(&answers),
        Some(pause) => drip(&mut session, &answers, ms(pause)),
    }
    session.until("the-end");
    let end = session.raw.windows(8).rposition(|window| window == b"\x1b[?1049l").unwrap();
    String::from_utf8_lossy(&session.raw[end + 8..]).replace("\x1b[?25h", "")
}

#[test]
fn nothing_is_left_for_the_shell_to_read() {
    for delay in DELAYS {
        for pause in [None, Some(5)] {
            let left = left_behind(b"Q", delay, pause);
            let words: Vec<&str> = left.split_whitespace().collect();
            assert_eq!(words, ["over", "the-end"], "after {delay} ms, pauses of {pause:?} ms: {left:?}");
        }
    }
}

#[test]
fn who_is_answered_leaves_at_once() {
    use splitbrain::tui::clock::Clock;
    let mut session = asking();
    session.send(&[LIGHT, NARROW, ATTRIBUTES].concat());
    session.settle();
    let clock = Clock::new();
    session.send(b"Q");
    assert!(session.child.wait().unwrap().success());
    assert!(clock.now() < ms(500), "{:?}", clock.now());
}

#[test]
fn escape_and_its_like_are_keys() {
    let mut session = asking();
    session.send(ATTRIBUTES);
    session.send(b"?");
    session.until("All keys");
    session.send(b"\x1b");
    session.until("Topics");
    session.send(b"\x1bOP");
    session.until("All keys");
    session.send(b"\x1b[27u");
    session.until("Topics");
    session.send(b":");
    session.until("Do anything");
    session.send("\x1bx\x1b[é й".as_bytes());
    session.until("é й");
    session.send(b"\x1b");
    session.until_that(|screen| !screen.contents().contains("Do anything"));
    session.send(b"Q");
    assert!(session.end().success());
}

#[test]
fn a_large_text_can_be_pasted_and_the_mouse_works() {
    let mut session = asking();
    session.send(ATTRIBUTES);
    session.send(b"/\x1b[200~");
    session.send(&b"leader ".repeat(30_000));
    session.send(b"\x1b[201~");
    session.until("leader leader");
    session.send(b"\x03");
    session.until("Today");
    let shown = session.contents();
    let row = shown.lines().position(|line| line.contains("? all keys")).unwrap() + 1;
    let column = shown.lines().nth(row - 1).unwrap().find("? all keys").unwrap();
    let column = shown.lines().nth(row - 1).unwrap()[..column].chars().count() + 1;
    session.send(format!("\x1b[<0;{column};{row}M\x1b[<0;{column};{row}m").as_bytes());
    session.until("All keys");
}

#[test]
fn signs_that_are_two_cells_wide_are_drawn_with_ascii() {
    let mut session = asking();
    assert!(!session.contents().is_ascii());
    session.send(WIDE);
    session.until("two cells wide here: drawn with ASCII");
    assert!(session.contents().is_ascii());
    let mut overruled = Session::splitbrain_in(&["--unicode"], &[]);
    overruled.send(WIDE);
    overruled.settle();
    assert!(!overruled.contents().is_ascii());
}

#[test]
fn where_the_terminal_or_the_charset_knows_only_ascii_nothing_else_is_drawn() {
    for (name, value) in [("TERM", "linux"), ("TERM", "vt100"), ("LC_ALL", "C"), ("LC_CTYPE", "ru_RU.KOI8-R")] {
        let mut session = Session::splitbrain_in(&[], &[(name, value)]);
        session.until("drawn with ASCII");
        assert!(session.contents().contains(&format!("{name} is {value}")), "{}", session.contents());
        assert!(session.contents().is_ascii(), "{name}={value}\n{}", session.contents());
        let mut overruled = Session::splitbrain_in(&["--unicode"], &[(name, value)]);
        overruled.settle();
        assert!(!overruled.contents().is_ascii(), "{name}={value}");
    }
    let mut asked = Session::splitbrain_in(&["--ascii"], &[]);
    asked.settle();
    assert!(asked.contents().is_ascii() && !asked.contents().contains("drawn with ASCII"), "{}", asked.contents());
}

#[test]
fn a_terminal_that_knows_nothing_but_text_is_spoken_to_in_lines() {
    let dumb = [("TERM", "dumb")];
    let program = env!("CARGO_BIN_EXE_splitbrain");
    let mut session = Session::start_in(program, &[], &dumb);
    session.until("everything else.");
    assert!(session.contents().contains("Type next for the first of these") && !session.raw.contains(&0x1b), "{}", session.contents());
    session.send(b"quit\r");
    session.until("Goodbye. Your progress is saved.");
    assert!(session.end().success());
    let mut drawn = Session::splitbrain_in(&["--ascii"], &dumb);
    drawn.until("Topics");
    let mut quiz = Session::start_in(program, &["quiz", "--topic", "failover-limits"], &dumb);
    // What was printed first may have left the screen before it is looked at.
    quiz.until_sent(b"Quiz: When failover goes wrong.");
}

#[test]
fn a_key_of_ones_own_acts_and_is_shown_and_the_old_one_acts_no_more() {
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("config.toml"), "[keys]\nresults = [\"z\"]\n").unwrap();
    let data = folder.path().to_str().unwrap();
    let mut session = Session::splitbrain_in(&[], &[("SPLITBRAIN_DATA", data)]);
    session.until("z results");
    session.send(b"r");
    session.settle();
    assert!(!session.screen.screen().contents().contains("How sure"), "{}", session.screen.screen().contents());
    session.send(b"z");
    session.until("How sure");
    let keys = std::process::Command::new(env!("CARGO_BIN_EXE_splitbrain")).args(["--print-keys", "--data", data]).output().unwrap();
    let keys = String::from_utf8(keys.stdout).unwrap();
    assert!(keys.lines().any(|line| line.trim_start().starts_with("z ") && line.contains(" results ")), "{keys}");
}
