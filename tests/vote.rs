//! A vote from phones in a presentation: the code is read off the screen as a camera would, phones vote over the network, and the
//! screen counts.
#![cfg(unix)]
#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

use std::io::{Read as _, Write as _};
use std::net::{Ipv4Addr, SocketAddr, TcpStream};
use std::sync::Arc;

use ratatui::buffer::Buffer;
use ratatui::style::Color;
use splitbrain::ballot::server::Wish;
use splitbrain::lesson::catalogue;
use splitbrain::present::show::{Origin, Plan};
use splitbrain::tui::app::App;
use splitbrain::tui::screens::present::Presented;
use splitbrain::tui::script::{Scripted, cues, text};
use splitbrain::tui::theme::{Depth, Palette, Theme};
use splitbrain::tui::{Options, event_loop};

/// A presentation whose class votes from phones on this machine.
fn presentation(palette: Palette, ascii: bool) -> App {
    let plan = Plan::open(Origin { lesson: Some("failover-limits".into()), ..Origin::default() }, catalogue()).unwrap();
    let presented = Presented { show: Arc::new(plan.show()), since: 1_000, ..Presented::default() };
    let vote = Wish { address: Some(Ipv4Addr::LOCALHOST.into()), port: 0 };
    let options = Options { present: Some(presented), vote: Some(vote), ..Options::default() };
    App::new(&options, Theme::new(palette, Depth::Indexed, ascii, true).for_projector()).unwrap()
}

/// To the question of the third page, and into it.
const TO_THE_QUESTION: &str = "PageDown N PageDown PageDown";

fn play(app: &mut App, (width, height): (u16, u16), script: &str) -> Vec<Buffer> {
    let mut screen = Scripted::new(width, height, cues(script));
    event_loop::run(app, &mut screen).unwrap();
    screen.kept
}

/// What a camera reads on a photograph of the screen, each cell 4 by 8 dots; a letter is a grey blot to it.
fn photographed(screen: &Buffer) -> Option<String> {
    let area = screen.area;
    let grey = |colour: Color| match colour {
        Color::Indexed(16) => 0,
        Color::Indexed(231) => 255,
        _ => 128,
    };
    let dot = |x: usize, y: usize| {
        let cell = &screen[((x / 4) as u16, (y / 8) as u16)];
        match cell.symbol() {
            "▀" if y % 8 < 4 => grey(cell.fg),
            "▀" | " " => grey(cell.bg),
            _ => 128,
        }
    };
    let mut image = rqrr::PreparedImage::prepare_from_greyscale(usize::from(area.width) * 4, usize::from(area.height) * 8, dot);
    image.detect_grids().first().and_then(|code| code.decode().ok()).map(|(_, text)| text)
}

/// A browser on a phone.
struct Phone {
    at: SocketAddr,
    path: String,
    cookie: String,
}

impl Phone {
    fn at(link: &str) -> Phone {
        let (at, code) = link.strip_prefix("HTTP://").unwrap().split_once('/').unwrap();
        let mut phone = Phone { at: at.parse().unwrap(), path: format!("/{code}"), cookie: String::new() };
        let answer = phone.ask(&format!("GET {}?in", phone.path), "");
        let cookie = answer.lines().find_map(|line| line.strip_prefix("set-cookie: ")).unwrap();
        phone.cookie = cookie.split(';').next().unwrap().to_string();
        phone
    }

    fn ask(&self, first: &str, body: &str) -> String {
        let mut stream = TcpStream::connect(self.at).unwrap();
        let kind = "Content-Type: application/x-www-form-urlencoded";
        write!(
            stream,
            "{first} HTTP/1.1\r\nHost: {}\r\nCookie: {}\r\n{kind}\r\nContent-Length: {}\r\n\r\n{body}",
            self.at,
            self.cookie,
            body.len()
        )
        .unwrap();
        let mut answer = String::new();
        stream.read_to_string(&mut answer).unwrap();
        answer
    }

    fn page(&self) -> String {
        self.ask(&format!("GET {}", self.path), "")
    }

    /// Taps an answer of the page that is there now.
    fn tap(&self, choice: usize) -> String {
        let page = self.page();
        let round = page.split_once("name=\"round\" value=\"").map_or("0", |(_, rest)| rest.split_once('"').unwrap().0);
        self.ask(&format!("POST {}", self.path), &format!("round={round}&choice={choice}"))
    }
}

#[test]
fn a_class_votes_twice_from_phones_and_both_counts_stand_side_by_side() {
    let mut app = presentation(Palette::Dark, false);
    let size = (120, 36);
    let shown = play(&mut app, size, &format!("keep {TO_THE_QUESTION} keep"));
    let link = photographed(&shown[1]).unwrap();
    assert_eq!(photographed(&shown[0]), Some(link.clone()), "the first page lets everybody in");
    let screen = text(&shown[1]);
    let (address, code) = link.strip_prefix("HTTP://").unwrap().split_once('/').unwrap();
    assert!(screen.contains(&format!("http://{address}")) && screen.contains(&format!("code {code}")), "{screen}");
    assert!(screen.contains("Alone:") && screen.contains("both of them"), "{screen}");
    let phones: Vec<Phone> = (0..4).map(|_| Phone::at(&link)).collect();
    for (phone, choice) in phones.iter().zip([1, 1, 2, 3]) {
        phone.tap(choice);
    }
    phones[0].tap(3);
    let shown = play(&mut app, size, "wait:500 keep Enter keep Enter wait:500 keep");
    let screens: Vec<String> = shown.iter().map(text).collect();
    assert!(screens[0].contains("4 votes so far") && !screens[0].contains("━━━ "), "how many, and not for what: {}", screens[0]);
    assert!(screens[1].contains("Talk:") && photographed(&shown[1]).is_none(), "{}", screens[1]);
    assert!(phones[0].page().contains("Open again: choose one."));
    assert!(screens[2].contains("Again:") && screens[2].contains("0 votes so far"), "{}", screens[2]);
    phones[0].tap(2);
    phones[1].tap(2);
    let shown = play(&mut app, size, "wait:500 Enter keep");
    let screen = text(&shown[0]);
    assert!(screen.contains("4 votes, talk, 2 votes") && screen.contains("Enter lets it run"), "{screen}");
    assert!(phones[0].page().contains("Closed. Your vote: 2.") && phones[3].page().contains("Closed. You gave no vote."));
    assert!(phones[0].tap(1).starts_with("HTTP/1.1 409"));
    drop(app);
    assert!(TcpStream::connect(phones[0].at).is_err(), "with the presentation the page is gone");
}

#[test]
fn typed_counts_go_before_those_from_phones() {
    let mut app = presentation(Palette::Light, false);
    let shown = play(&mut app, (120, 36), &format!("{TO_THE_QUESTION} keep"));
    Phone::at(&photographed(&shown[0]).unwrap()).tap(1);
    let shown = play(&mut app, (120, 36), "wait:500 2 = 7 keep Enter Enter Enter keep");
    assert!(text(&shown[0]).contains("votes 2=•"), "{}", text(&shown[0]));
    assert!(text(&shown[1]).contains("7 votes"), "{}", text(&shown[1]));
}

#[test]
fn the_code_is_read_at_every_size_that_has_room_for_it() {
    for palette in [Palette::Dark, Palette::Light] {
        for size in [(80, 24), (100, 30), (120, 36), (200, 60)] {
            let mut app = presentation(palette, false);
            let shown = play(&mut app, size, &format!("{TO_THE_QUESTION} keep"));
            let screen = text(&shown[0]);
            assert!(photographed(&shown[0]).is_some_and(|link| link.starts_with("HTTP://127.0.0.1:")), "{size:?}\n{screen}");
            assert!(screen.contains("code ") && screen.contains("both of them"), "{size:?}\n{screen}");
        }
    }
    let without_room = [((60, 20), false), ((120, 36), true)];
    for (size, ascii) in without_room {
        let shown = play(&mut presentation(Palette::Dark, ascii), size, &format!("{TO_THE_QUESTION} keep"));
        let screen = text(&shown[0]);
        assert!(screen.contains("http://127.0.0.1:") && screen.contains("code "), "it is typed: {size:?}\n{screen}");
    }
}

#[test]
fn phones_that_share_one_address_are_let_in_by_a_key() {
    let mut app = presentation(Palette::Dark, false);
    let shown = play(&mut app, (120, 36), &format!("{TO_THE_QUESTION} keep"));
    let link = photographed(&shown[0]).unwrap();
    let phones: Vec<Phone> = (0..4).map(|_| Phone::at(&link)).collect();
    let fifth = phones[0].ask(&format!("GET {}?in", phones[0].path), "");
    assert!(fifth.contains("id=\"state\""), "one that is known comes in again");
    let stranger = Phone { cookie: String::new(), at: phones[0].at, path: phones[0].path.clone() };
    assert!(stranger.ask(&format!("GET {}?in", stranger.path), "").contains("No place left"));
    let shown = play(&mut app, (120, 36), "wait:500 keep F6 keep");
    assert!(text(&shown[0]).contains("turned away"), "{}", text(&shown[0]));
    assert!(!text(&shown[1]).contains("turned away"), "{}", text(&shown[1]));
    Phone::at(&link);
}
