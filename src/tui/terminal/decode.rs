//! What a piece means: an event for the program, or an answer of the terminal. The names of keys are read by `termina`.

use ratatui::crossterm::event::{
    Event, KeyCode, KeyEvent, KeyEventKind, KeyEventState, KeyModifiers, MouseButton, MouseEvent, MouseEventKind,
};
use termina::event as sent;
use xterm_color::Color;

use super::cutter::Piece;

/// What was heard.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Heard {
    /// A key, the mouse, a paste, the focus.
    Event(Event),
    /// The colour of the background.
    Background(Color),
    /// The cursor stands in this column, from 1 on.
    Column(u16),
    /// What the terminal is. Every terminal answers this question, and answers in order.
    Attributes,
    /// Some other answer.
    Other,
}

/// What this piece means; `None`: nothing.
pub(super) fn decode(piece: Piece) -> Option<Heard> {
    match piece {
        Piece::Key(bytes) => key(&bytes).map(Heard::Event),
        Piece::Paste(bytes) => Some(Heard::Event(Event::Paste(String::from_utf8_lossy(&bytes).into_owned()))),
        Piece::Text(bytes) => Some(background(&bytes).map_or(Heard::Other, Heard::Background)),
        Piece::Sequence(bytes) => sequence(&bytes),
    }
}

/// Keys have no private parameters (`?`, `>`, `=`) and no intermediate bytes; only the mouse has `<`. `R` is F3 with a modifier
/// on some terminals and the place of the cursor on all: it counts as the answer, and F3 alone comes as `ESC O R`.
fn sequence(bytes: &[u8]) -> Option<Heard> {
    let [_, _, parameters @ .., last] = bytes else { return None };
    let first = parameters.first().copied();
    let intermediate = parameters.iter().any(|byte| (0x20..0x30).contains(byte));
    match (first, *last) {
        (Some(b'?'), b'c') => Some(Heard::Attributes),
        (Some(b'<'), b'M' | b'm') => key(bytes).map(Heard::Event),
        (Some(b'?' | b'>' | b'=' | b'<'), _) => Some(Heard::Other),
        _ if intermediate => Some(Heard::Other),
        (_, b'R') => Some(column(parameters).map_or(Heard::Other, Heard::Column)),
        (_, b'c' | b'n' | b't' | b'x' | b'y') => Some(Heard::Other),
        (None, b'I') => Some(Heard::Event(Event::FocusGained)),
        (None, b'O') => Some(Heard::Event(Event::FocusLost)),
        // `termina` gives up on anything else before its end, and would take the rest for keys.
        _ if !first.is_none_or(|byte| byte.is_ascii_digit()) => None,
        _ => key(bytes).map(Heard::Event),
    }
}

fn column(parameters: &[u8]) -> Option<u16> {
    let (_row, column) = str::from_utf8(parameters).ok()?.split_once(';')?;
    column.parse().ok()
}

/// The answer to `OSC 11 ; ?`.
fn background(text: &[u8]) -> Option<Color> {
    Color::parse(text.strip_prefix(b"\x1b]11;")?).ok()
}

fn key(bytes: &[u8]) -> Option<Event> {
    // What is typed before the terminal is in raw mode has its carriage returns turned into line feeds; scripts send either.
    if bytes == b"\n" {
        return Some(Event::Key(KeyEvent::new(KeyCode::Enter, KeyModifiers::NONE)));
    }
    if let [0x1b, sign @ (b'[' | b']' | b'O' | b'P' | b'_' | b'^' | b'X')] = bytes {
        return Some(Event::Key(KeyEvent::new(KeyCode::Char(char::from(*sign)), KeyModifiers::ALT)));
    }
    if bytes.starts_with(b"\x1bO") && bytes.len() > 3 {
        return None;
    }
    // A new one each time: it has to forget what it does not know.
    let mut parser = termina::Parser::default();
    parser.parse(bytes, false);
    match parser.pop()? {
        termina::Event::Key(key) => pressed(key).map(Event::Key),
        termina::Event::Mouse(mouse) => Some(Event::Mouse(pointed(mouse))),
        _ => None,
    }
}

fn pressed(key: sent::KeyEvent) -> Option<KeyEvent> {
    let kind = match key.kind {
        sent::KeyEventKind::Press => KeyEventKind::Press,
        sent::KeyEventKind::Repeat => KeyEventKind::Repeat,
        sent::KeyEventKind::Release => KeyEventKind::Release,
    };
    Some(KeyEvent { code: code(key.code)?, modifiers: modifiers(key.modifiers), kind, state: KeyEventState::NONE })
}

/// The keys that the program knows; it has no use for media keys and for modifiers alone.
fn code(code: sent::KeyCode) -> Option<KeyCode> {
    Some(match code {
        sent::KeyCode::Char(c) => KeyCode::Char(c),
        sent::KeyCode::Enter => KeyCode::Enter,
        sent::KeyCode::Backspace => KeyCode::Backspace,
        sent::KeyCode::Tab => KeyCode::Tab,
        sent::KeyCode::BackTab => KeyCode::BackTab,
        sent::KeyCode::Escape => KeyCode::Esc,
        sent::KeyCode::Left => KeyCode::Left,
        sent::KeyCode::Right => KeyCode::Right,
        sent::KeyCode::Up => KeyCode::Up,
        sent::KeyCode::Down => KeyCode::Down,
        sent::KeyCode::Home => KeyCode::Home,
        sent::KeyCode::End => KeyCode::End,
        sent::KeyCode::PageUp => KeyCode::PageUp,
        sent::KeyCode::PageDown => KeyCode::PageDown,
        sent::KeyCode::Insert => KeyCode::Insert,
        sent::KeyCode::Delete => KeyCode::Delete,
        sent::KeyCode::Menu => KeyCode::Menu,
        sent::KeyCode::Null => KeyCode::Null,
        sent::KeyCode::Function(n) => KeyCode::F(n),
        _ => return None,
    })
}

fn modifiers(modifiers: sent::Modifiers) -> KeyModifiers {
    let names = [
        (sent::Modifiers::SHIFT, KeyModifiers::SHIFT),
        (sent::Modifiers::ALT, KeyModifiers::ALT),
        (sent::Modifiers::CONTROL, KeyModifiers::CONTROL),
        (sent::Modifiers::SUPER, KeyModifiers::SUPER),
    ];
    names.into_iter().filter(|(theirs, _)| modifiers.contains(*theirs)).map(|(_, ours)| ours).collect()
}

fn pointed(mouse: sent::MouseEvent) -> MouseEvent {
    let kind = match mouse.kind {
        sent::MouseEventKind::Down(b) => MouseEventKind::Down(button(b)),
        sent::MouseEventKind::Up(b) => MouseEventKind::Up(button(b)),
        sent::MouseEventKind::Drag(b) => MouseEventKind::Drag(button(b)),
        sent::MouseEventKind::Moved => MouseEventKind::Moved,
        sent::MouseEventKind::ScrollDown => MouseEventKind::ScrollDown,
        sent::MouseEventKind::ScrollUp => MouseEventKind::ScrollUp,
        sent::MouseEventKind::ScrollLeft => MouseEventKind::ScrollLeft,
        sent::MouseEventKind::ScrollRight => MouseEventKind::ScrollRight,
    };
    MouseEvent { kind, column: mouse.column, row: mouse.row, modifiers: modifiers(mouse.modifiers) }
}

fn button(button: sent::MouseButton) -> MouseButton {
    match button {
        sent::MouseButton::Left => MouseButton::Left,
        sent::MouseButton::Right => MouseButton::Right,
        sent::MouseButton::Middle => MouseButton::Middle,
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::super::cutter::Cutter;
    use super::*;
    use crate::tui::keys::Key;

    fn heard(bytes: &[u8]) -> Vec<Heard> {
        let mut cutter = Cutter::default();
        let mut pieces = cutter.take(bytes);
        pieces.extend(cutter.give_up());
        pieces.into_iter().filter_map(decode).collect()
    }

    fn keys(bytes: &[u8]) -> Vec<String> {
        let name = |heard| match heard {
            Heard::Event(Event::Key(key)) => Key::from(key).to_string(),
            other => format!("{other:?}"),
        };
        heard(bytes).into_iter().map(name).collect()
    }

    #[test]
    fn keys_have_their_names() {
        for (bytes, name) in [
            ("q", "q"),
            ("\r", "Enter"),
            ("\n", "Enter"),
            ("\t", "Tab"),
            ("\x7f", "Backspace"),
            ("\x1b", "Esc"),
            ("\x0c", "Ctrl-l"),
            ("\0", "Ctrl-Space"),
            ("й", "й"),
            ("\x1bx", "Alt-x"),
            ("\x1bй", "Alt-й"),
            ("\x1b]", "Alt-]"),
            ("\x1b[", "Alt-["),
            ("\x1bO", "Alt-O"),
            ("\x1b[A", "Up"),
            ("\x1bOA", "Up"),
            ("\x1b[1;2C", "Shift-Right"),
            ("\x1b[1;5D", "Ctrl-Left"),
            ("\x1b[Z", "Shift-Tab"),
            ("\x1b[5~", "PageUp"),
            ("\x1b[3~", "Delete"),
            ("\x1bOP", "F1"),
            ("\x1b[12~", "F2"),
            ("\x1b[[B", "F2"),
            ("\x1bOR", "F3"),
            ("\x1b[99;5u", "Ctrl-c"),
            ("\x1b[27u", "Esc"),
        ] {
            assert_eq!(keys(bytes.as_bytes()), [name], "{bytes:?}");
        }
        assert_eq!(keys(b"\x1b\x1b[A"), ["Esc", "Up"]);
        assert_eq!(keys(b":q\n"), [":", "q", "Enter"], "typed before the terminal was set");
        for unknown in ["\x1b[;A", "\x1b[:A", "\x1b[99~", "\x1b[1;9999A", "\x1bO5P", "\x1b[[Z", "\x1b[1;2;3;4X", "\x1b[<1A"] {
            let letters = keys(unknown.as_bytes()).into_iter().filter(|name| name.chars().count() == 1);
            assert_eq!(letters.collect::<Vec<_>>(), Vec::<String>::new(), "{unknown:?}");
        }
    }

    #[test]
    fn answers_are_no_keys() {
        for (bytes, answer) in [
            ("\x1b[?64;1;2c", Heard::Attributes),
            ("\x1b[>0;276;0c", Heard::Other),
            ("\x1b[=1c", Heard::Other),
            ("\x1b[2;3R", Heard::Column(3)),
            ("\x1b[12;40R", Heard::Column(40)),
            ("\x1b[?12;40R", Heard::Other),
            ("\x1b[?2026;1$y", Heard::Other),
            ("\x1b[4;1$y", Heard::Other),
            ("\x1b[?997;1n", Heard::Other),
            ("\x1b[0n", Heard::Other),
            ("\x1b[?1u", Heard::Other),
            ("\x1b[8;24;80t", Heard::Other),
            ("\x1b[>q", Heard::Other),
            ("\x1bP>|XTerm(390)\x1b\\", Heard::Other),
            ("\x1b]4;1;rgb:cdcd/0000/0000\x1b\\", Heard::Other),
            ("\x1b]10;rgb:0000/0000/0000\x07", Heard::Other),
            ("\x1b]11;rgb:zz\x07", Heard::Other),
            ("\x1b_Gi=31;OK\x1b\\", Heard::Other),
            ("\x1b]11;rgb:ffff/8080/0000\x1b\\", Heard::Background(Color::rgb(0xffff, 0x8080, 0))),
            ("\x1b]11;rgb:ff/80/00\x07", Heard::Background(Color::rgb(0xffff, 0x8080, 0))),
        ] {
            assert_eq!(heard(bytes.as_bytes()), [answer], "{bytes:?}");
        }
    }

    #[test]
    fn the_mouse_the_focus_and_pasted_text_come_as_they_are() {
        let mouse = |kind, column, row| Heard::Event(Event::Mouse(MouseEvent { kind, column, row, modifiers: KeyModifiers::NONE }));
        assert_eq!(heard(b"\x1b[<0;10;20M"), [mouse(MouseEventKind::Down(MouseButton::Left), 9, 19)]);
        assert_eq!(heard(b"\x1b[<0;10;20m"), [mouse(MouseEventKind::Up(MouseButton::Left), 9, 19)]);
        assert_eq!(heard(b"\x1b[<65;1;1M"), [mouse(MouseEventKind::ScrollDown, 0, 0)]);
        assert_eq!(heard(b"\x1b[M !\""), [mouse(MouseEventKind::Down(MouseButton::Left), 0, 1)]);
        assert_eq!(heard(b"\x1b[I\x1b[O"), [Heard::Event(Event::FocusGained), Heard::Event(Event::FocusLost)]);
        assert_eq!(heard("\x1b[200~é\n:q\x1b[201~".as_bytes()), [Heard::Event(Event::Paste("é\n:q".into()))]);
    }

    proptest! {
        /// Nothing that can be sent panics.
        #[test]
        fn anything_can_be_sent(bytes in prop::collection::vec(any::<u8>(), 0..64)) {
            heard(&bytes);
        }

        /// The same, of what looks like a sequence.
        #[test]
        fn any_sequence_can_be_sent(text in "\u{1b}[\\[\\]OP_][<>?=0-9;:]{0,12}[ -~]{0,3}") {
            heard(text.as_bytes());
        }
    }
}
