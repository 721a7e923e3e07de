//! The page on a phone: one self-contained text, which works without its script too.

use std::fmt::{self, Write as _};

use axum::http::header::{CONTENT_SECURITY_POLICY, CONTENT_TYPE};
use axum::http::{HeaderValue, StatusCode};
use axum::response::{IntoResponse, Response};

use super::code::{Code, LENGTH};
use super::devices::{AT_ONE_ADDRESS_MAX, Token};
use super::poll::{Question, Refused, Stage};
use super::room::{Cast, View};

/// Style, script and frame; `{{names}}` stand for what differs.
const TEMPLATE: &str = include_str!("../../assets/vote.html");

/// A text in which nothing is markup any more, in an element as in an attribute.
struct Escaped<'a>(&'a str);

impl fmt::Display for Escaped<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.chars().try_for_each(|c| match c {
            '&' => f.write_str("&amp;"),
            '<' => f.write_str("&lt;"),
            '>' => f.write_str("&gt;"),
            '"' => f.write_str("&quot;"),
            '\'' => f.write_str("&#39;"),
            c => f.write_char(c),
        })
    }
}

/// A whole page.
#[derive(Debug)]
pub(super) struct Page {
    status: StatusCode,
    main: String,
    /// Where news come from, for the script; empty where none come.
    news: String,
    /// After how many seconds a browser asks again, and whether only one without scripts does.
    refresh: Option<(u32, bool)>,
    /// What it asks for then.
    then: String,
}

impl Page {
    fn plain(status: StatusCode, title: &str, text: &str) -> Page {
        let main = format!("<h1>{}</h1>\n<p>{}</p>", Escaped(title), Escaped(text));
        Page { status, main, news: String::new(), refresh: None, then: String::new() }
    }

    /// For every address that leads nowhere.
    pub(super) fn nothing() -> Page {
        let mut page = Page::plain(
            StatusCode::NOT_FOUND,
            "Nothing here",
            "The vote is at the address on the projector. If it began anew, its code is a new one.",
        );
        page.main.push_str("\n<p><a href=\"/\">Type the code</a></p>");
        page
    }

    /// For a request that breaks a rule; `status` says which.
    pub(super) fn refused(status: StatusCode) -> Page {
        Page::plain(status, "Not like this", "Only a vote is taken here. Go back and tap an answer.")
    }

    /// For one who comes too often.
    pub(super) fn too_often() -> Page {
        Page {
            refresh: Some((10, false)),
            ..Page::plain(StatusCode::TOO_MANY_REQUESTS, "Too many tries", "This page tries again by itself in ten seconds.")
        }
    }

    /// Where the system has no randomness to give.
    pub(super) fn unable() -> Page {
        Page::plain(StatusCode::SERVICE_UNAVAILABLE, "Not now", "The teacher’s computer cannot let anybody in at the moment.")
    }

    /// For a device that one address has no place for.
    pub(super) fn crowded() -> Page {
        let text = format!(
            "{AT_ONE_ADDRESS_MAX} devices are in from this network address already. Tell the teacher: one key at the front lets a shared address in. \
             This page tries again by itself."
        );
        Page { refresh: Some((5, false)), ..Page::plain(StatusCode::FORBIDDEN, "No place left", &text) }
    }

    /// Sends a browser to itself, so that what it asks for next comes from this site and bears its cookie.
    pub(super) fn hop(code: Code) -> Page {
        let mut page = Page { refresh: Some((0, false)), then: format!("/{code}?in"), ..Page::plain(StatusCode::OK, "Coming in …", "") };
        let _ = write!(page.main, "<p><a href=\"/{code}?in\">Go on</a></p>");
        page
    }

    /// Where the code is typed. `was_wrong`: one was, and it is not the one.
    pub(super) fn door(was_wrong: bool) -> Page {
        let status = if was_wrong { StatusCode::FORBIDDEN } else { StatusCode::OK };
        let text =
            if was_wrong { "That is not the code. Look at the projector again." } else { "It is on the projector, beside the question." };
        let mut page = Page::plain(status, "Type the code", text);
        let _ = write!(
            page.main,
            "\n<form class=\"door\" method=\"post\" action=\"/\"><label for=\"code\">Code of {LENGTH} letters</label>\
             <input id=\"code\" name=\"code\" required autofocus maxlength=\"{}\" autocomplete=\"off\" autocapitalize=\"characters\" \
             autocorrect=\"off\" spellcheck=\"false\" enterkeyhint=\"go\"><button>Come in</button></form>",
            2 * LENGTH
        );
        page
    }

    /// The ballot of a device.
    pub(super) fn ballot(status: StatusCode, code: Code, main: String) -> Page {
        Page { status, main, news: format!("/{code}/news"), refresh: Some((6, true)), then: format!("/{code}") }
    }

    fn refresh(&self) -> String {
        let Some((seconds, only_without_script)) = self.refresh else { return String::new() };
        let to = if self.then.is_empty() { String::new() } else { format!(";url={}", self.then) };
        let tag = format!("<meta http-equiv=\"refresh\" content=\"{seconds}{to}\">");
        if only_without_script { format!("<noscript>{tag}</noscript>") } else { tag }
    }

    fn text(&self, nonce: &str) -> String {
        let mut text = String::with_capacity(TEMPLATE.len() + self.main.len());
        let mut rest = TEMPLATE;
        while let Some((before, (name, after))) = rest.split_once("{{").and_then(|(before, name)| Some((before, name.split_once("}}")?))) {
            text.push_str(before);
            match name {
                "nonce" => text.push_str(nonce),
                "refresh" => text.push_str(&self.refresh()),
                "news" => text.push_str(&self.news),
                "main" => text.push_str(&self.main),
                unknown => unreachable!("the template asks for {unknown}"),
            }
            rest = after;
        }
        text.push_str(rest);
        text
    }
}

impl IntoResponse for Page {
    /// Nothing runs and nothing is loaded that this very page did not bring: its style and its script bear a number used once.
    fn into_response(self) -> Response {
        let Ok(nonce) = Token::random().map(|token| token.to_string()) else {
            return StatusCode::SERVICE_UNAVAILABLE.into_response();
        };
        let policy = format!(
            "default-src 'none'; script-src 'nonce-{nonce}'; style-src 'nonce-{nonce}'; img-src data:; connect-src 'self'; form-action 'self'; \
             base-uri 'none'; frame-ancestors 'none'"
        );
        let mut response = (self.status, self.text(&nonce)).into_response();
        let headers = response.headers_mut();
        headers.insert(CONTENT_TYPE, HeaderValue::from_static("text/html; charset=utf-8"));
        if let Ok(policy) = HeaderValue::from_str(&policy) {
            headers.insert(CONTENT_SECURITY_POLICY, policy);
        }
        response
    }
}

/// What a device sees of the vote, without its frame: this is what news bring. `cast` is what became of the vote it just gave.
pub(super) fn main(view: &View, code: Code, cast: Option<Cast>) -> String {
    let mut main = format!("<p id=\"state\" class=\"{}\" data-at=\"{}\">{}</p>\n", class(view), view.at, state(view, cast));
    let Some(question) = &view.question else {
        main.push_str("<h1>The question comes soon</h1>\n<p>Keep this page open: it follows the projector.</p>");
        return main;
    };
    let _ = writeln!(main, "<h1>{}</h1>\n<p>{}</p>", Escaped(&question.text), told(view.stage));
    options(&mut main, view, question, code);
    main
}

fn class(view: &View) -> &'static str {
    match (view.stage, view.mine) {
        (Stage::Open { .. }, Some(_)) => "voted",
        (Stage::Open { .. }, None) => "open",
        _ => "shut",
    }
}

/// The line that is always in sight, and that a screen reader says when it changes.
fn state(view: &View, cast: Option<Cast>) -> String {
    let before = match cast {
        Some(Cast::TooOften) => "Too fast: that tap did not count. ",
        Some(Cast::Refused(Refused::Closed | Refused::Past)) => "That tap came too late. ",
        Some(Cast::Refused(Refused::NoSuchOption)) => "There is no such answer. ",
        Some(Cast::Taken) | None => "",
    };
    let mine = view.mine.map(|option| option + 1);
    let now = match (view.stage, mine) {
        (Stage::Idle, _) => "You are in.".to_string(),
        (Stage::Asked, _) => "Not open yet.".to_string(),
        (Stage::Open { .. }, Some(mine)) => format!("Your vote: {mine}. Tap another answer to change it."),
        (Stage::Open { nth: 1, .. }, None) => "Open: choose one.".to_string(),
        (Stage::Open { .. }, None) => "Open again: choose one.".to_string(),
        (Stage::Closed { .. }, Some(mine)) => format!("Closed. Your vote: {mine}."),
        (Stage::Closed { .. }, None) => "Closed. You gave no vote.".to_string(),
    };
    format!("{before}{now}")
}

fn told(stage: Stage) -> &'static str {
    match stage {
        Stage::Idle | Stage::Asked => "Read it, and decide for yourself.",
        Stage::Open { nth: 1, .. } => "Decide for yourself; talk about it later.",
        Stage::Open { .. } => "Say what you think now, the same as before or another.",
        Stage::Closed { .. } => "What comes next is at the front.",
    }
}

/// The answers: buttons while the vote is open, and otherwise a list.
fn options(main: &mut String, view: &View, question: &Question, code: Code) {
    let round = if let Stage::Open { round, .. } = view.stage { Some(round.number()) } else { None };
    if let Some(round) = round {
        let _ = write!(main, "<form method=\"post\" action=\"/{code}\"><input type=\"hidden\" name=\"round\" value=\"{round}\">");
    }
    main.push_str("<ol>\n");
    for (place, text) in question.options.iter().enumerate() {
        let (number, is_mine) = (place + 1, view.mine == Some(place));
        let class = if is_mine { "option mine" } else { "option" };
        let mark = if is_mine { "<i>✓ yours</i>" } else { "" };
        let inside = format!("<b>{number}</b><span>{}</span>{mark}", Escaped(text));
        let _ = match round {
            Some(_) => writeln!(
                main,
                "<li><button class=\"{class}\" id=\"option{number}\" name=\"choice\" value=\"{number}\" aria-pressed=\"{is_mine}\">{inside}</button></li>"
            ),
            None => writeln!(main, "<li class=\"{class}\">{inside}</li>"),
        };
    }
    main.push_str("</ol>");
    if round.is_some() {
        main.push_str("</form>");
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use proptest::prelude::*;

    use super::{Code, Escaped, Page, Question, Stage, StatusCode, View, main};
    use crate::ballot::poll::Round;

    fn view(stage: Stage, mine: Option<usize>, options: &[&str]) -> View {
        let options = options.iter().map(ToString::to_string).collect();
        View { at: 7, stage, question: Some(Arc::new(Question { text: "Who is told <ok>?".to_string(), options })), mine }
    }

    const CODE: [u8; 5] = [0, 1, 2, 3, 4];

    #[test]
    fn the_template_is_a_few_kilobytes_and_all_of_it_is_filled() {
        let text = Page::ballot(StatusCode::OK, Code::from_bytes(CODE), "{{main}} {{nonce}}".to_string()).text("NUMBER");
        assert!(text.len() < 8_000, "{} bytes", text.len());
        assert!(text.contains("\n{{main}} {{nonce}}\n"), "what is put in is not looked at again");
        assert_eq!((text.matches("{{").count(), text.matches("nonce=\"NUMBER\"").count()), (2, 2));
        assert!(text.contains("<noscript><meta http-equiv=\"refresh\" content=\"6;url=/BDFGH\"></noscript>"));
        for outside in ["http:", "https:", "src=", "@import", "url(", " style=", " on"] {
            assert!(
                !text.replace("noscript", "").replace(" on ", " ").contains(outside),
                "it loads nothing and runs nothing else: {outside}"
            );
        }
    }

    #[test]
    fn every_stage_says_what_to_do() {
        let open = |nth| Stage::Open { round: Round::from(3), nth };
        let shown = |stage, mine| main(&view(stage, mine, &["c1", "c2"]), Code::from_bytes(CODE), None);
        assert!(shown(Stage::Asked, None).contains("Not open yet.") && !shown(Stage::Asked, None).contains("<button"));
        let first = shown(open(1), None);
        assert!(
            first.contains("Open: choose one.") && first.contains("name=\"round\" value=\"3\"") && first.contains("aria-pressed=\"false\"")
        );
        let voted = shown(open(1), Some(1));
        assert!(voted.contains("Your vote: 2. Tap another answer") && voted.contains("value=\"2\" aria-pressed=\"true\""));
        assert!(shown(open(2), None).contains("Open again"));
        let closed = shown(Stage::Closed { nth: 1 }, Some(0));
        assert!(closed.contains("Closed. Your vote: 1.") && !closed.contains("<button") && !closed.contains("<form"));
        assert!(shown(Stage::Closed { nth: 1 }, None).contains("You gave no vote."));
    }

    proptest! {
        #[test]
        fn no_text_of_a_lesson_becomes_markup(text in ".*", quoted in "[<>&'\"/=a-z ]{0,40}") {
            for text in [text, quoted] {
                let escaped = Escaped(&text).to_string();
                prop_assert!(!escaped.contains(['<', '>', '"', '\'']));
                let back = escaped.replace("&lt;", "<").replace("&gt;", ">").replace("&quot;", "\"").replace("&#39;", "'").replace("&amp;", "&");
                prop_assert_eq!(&back, &text);
                let shown = main(&view(Stage::Asked, None, &[&text]), Code::from_bytes(CODE), None);
                let span = format!("<span>{escaped}</span>");
                prop_assert!(shown.contains(&span));
            }
        }
    }
}
