//! Votes that come from phones, over the page of [`crate::ballot`].

use crate::ballot::poll::Question;
use crate::ballot::qr::Qr;
use crate::ballot::server::{NoServer, Server, Wish};

use super::{Asked, Counts, Poll, Round};

/// How many addresses are shown beside the first: whoever is in none of these networks is told at the front.
const OTHERS: usize = 2;

/// A page for phones, there until this is dropped.
#[derive(Debug)]
pub struct Phones {
    server: Server,
    /// What was put to the class last.
    asked: Option<Asked>,
    place: Vec<String>,
    picture: Option<Qr>,
    shared: bool,
}

impl Phones {
    /// Opens the page.
    pub fn start(wish: Wish) -> Result<Phones, NoServer> {
        let server = Server::start(wish)?;
        let addresses = server.addresses();
        let picture = addresses.first().and_then(|&first| Qr::of(&server.link(first)));
        let shown = addresses.iter().take(1 + OTHERS).enumerate();
        let mut place: Vec<String> =
            shown.map(|(n, address)| if n == 0 { format!("http://{address}") } else { format!("or {address}") }).collect();
        place.insert(1, format!("code {}", server.room().code()));
        Ok(Phones { server, asked: None, place, picture, shared: false })
    }
}

impl Poll for Phones {
    fn open(&mut self, asked: &Asked, round: Round) {
        let room = self.server.room();
        if self.asked.as_ref() != Some(asked) {
            room.ask(Question { text: asked.question.clone(), options: asked.options.clone() });
            self.asked = Some(asked.clone());
        }
        room.open_round(round as usize + 1);
    }

    fn forget(&mut self) {
        self.asked = None;
        self.server.room().withdraw();
    }

    fn close(&mut self) {
        self.server.room().close();
    }

    fn votes(&self) -> Counts {
        Counts::new(self.server.room().tally().now())
    }

    fn place(&self) -> Vec<String> {
        self.place.clone()
    }

    fn picture(&self) -> Option<&Qr> {
        self.picture.as_ref()
    }

    fn notice(&self) -> Option<String> {
        if self.turns_away() {
            return Some("Phones are turned away: more than four share one address. F6 lets them in.".to_string());
        }
        let tally = self.server.room().tally();
        let (most, voted) = (tally.most_at_one_address, tally.voted);
        (self.shared && most > 1).then(|| format!("{most} of {voted} votes are from one address."))
    }

    fn turns_away(&self) -> bool {
        self.server.room().tally().crowded > 0
    }

    fn share(&mut self) {
        self.shared = true;
        self.server.room().share_addresses();
    }
}

#[cfg(test)]
mod tests {
    use std::net::Ipv4Addr;

    use super::{Asked, Counts, Phones, Poll, Round, Wish};
    use crate::ballot::client::Browser;

    fn asked(step: &str) -> Asked {
        let options = ["only c2", "both", "neither"].map(str::to_string).to_vec();
        Asked { lesson: "failover".to_string(), step: step.to_string(), question: "Who is told ok?".to_string(), options }
    }

    fn phones() -> Phones {
        Phones::start(Wish { address: Some(Ipv4Addr::LOCALHOST.into()), port: 0 }).unwrap()
    }

    #[test]
    fn rounds_keep_their_votes_when_one_goes_back_and_a_question_begun_anew_has_none() {
        let mut phones = phones();
        let phone = Browser::new(&phones.server).inside();
        phones.open(&asked("ok"), Round::First);
        assert_eq!(phone.vote(1, 2).status, 200);
        assert_eq!(phones.votes(), Counts::new(vec![0, 1, 0]));
        phones.close();
        assert_eq!((phone.vote(1, 1).status, phones.votes()), (409, Counts::new(vec![0, 1, 0])), "closed, and as it was");
        phones.open(&asked("ok"), Round::Second);
        assert_eq!(phones.votes(), Counts::new(vec![0, 0, 0]));
        assert!(phone.clone().page().contains("Open again"));
        assert_eq!(phone.vote(2, 3).status, 200);
        phones.open(&asked("ok"), Round::First);
        assert_eq!(phones.votes(), Counts::new(vec![0, 1, 0]), "back in the first round its votes are there");
        assert!(phone.clone().page().contains("Your vote: 2. Tap another"));
        assert_eq!(phone.vote(2, 1).status, 409, "a tap for the second round");
        assert_eq!((phone.vote(1, 1).status, phones.votes()), (200, Counts::new(vec![1, 0, 0])), "and can be changed");
        phones.open(&asked("ok"), Round::Second);
        assert_eq!(phones.votes(), Counts::new(vec![0, 0, 1]), "as are those of the second");
        phones.forget();
        phones.open(&asked("ok"), Round::First);
        assert_eq!((phones.votes().total(), phone.vote(1, 1).status), (0, 409), "begun anew");
        assert!(phone.clone().page().contains("Open: choose one."));
        phones.open(&asked("else"), Round::First);
        assert_eq!(phone.vote(3, 1).status, 409, "a vote on the question before");
    }

    #[test]
    fn the_place_is_short_and_a_camera_finds_it() {
        let phones = phones();
        let place = phones.place();
        assert!(place[0].starts_with("http://127.0.0.1:") && place[1] == format!("code {}", phones.server.room().code()), "{place:?}");
        assert!(phones.picture().is_some());
    }

    #[test]
    fn the_speaker_hears_of_phones_that_are_turned_away() {
        let mut phones = phones();
        for _ in 0..4 {
            Browser::new(&phones.server).inside();
        }
        assert_eq!(phones.notice(), None);
        let path = format!("/{}?in", phones.server.room().code());
        Browser::new(&phones.server).get(&path);
        assert!(phones.notice().unwrap().contains("F6"));
        phones.share();
        let (a, b) = (Browser::new(&phones.server).inside(), Browser::new(&phones.server).inside());
        phones.open(&asked("ok"), Round::First);
        assert_eq!(phones.notice(), None);
        a.vote(1, 1);
        b.vote(1, 1);
        assert_eq!(phones.notice().as_deref(), Some("2 of 2 votes are from one address."));
    }
}
