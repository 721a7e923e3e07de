//! What proxies can be held to. Each is judged by what is true of a request, whatever its header says.

use crate::check::verdict::{Guarantee, GuaranteeDoc, Verdict, Verdicts};
use crate::cluster::live::Live;

use super::Proxied;

/// A promise, in the order of the screen.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Promise {
    /// `client_address`.
    ClientAddress,
    /// `hidden`.
    Hidden,
    /// `tunnel`.
    Tunnel,
    /// `filter`.
    Filter,
    /// `private`.
    Private,
    /// `fresh`.
    Fresh,
    /// `understood`.
    Understood,
    /// `unnoticed`.
    Unnoticed,
    /// `once`.
    Once,
    /// `confidential`.
    Confidential,
}

const fn of(id: &'static str, about: &'static str) -> GuaranteeDoc {
    GuaranteeDoc { id, about, of_state: true }
}

static DOCS: [GuaranteeDoc; 10] = [
    of("client_address", "The address that a backend takes for the client's is the client's, or its office's."),
    of("hidden", "No site and no backend learns the address of a PC of the office."),
    of("tunnel", "What the office asks by TLS the forward proxy cannot read."),
    of("filter", "Nothing of the office reaches the blocked site."),
    of("private", "Nobody is given a page about somebody else."),
    of("fresh", "No cache gives what is older than its lifetime without asking."),
    of("understood", "Everybody gets answers in a form and language that was asked for."),
    of("unnoticed", "No request to the shop ends with 502, 503 or 504, or with nothing."),
    of("once", "No POST is carried out twice."),
    of("confidential", "Nobody who listens on a wire can read what was asked by TLS."),
];

const PROMISES: [Promise; 10] = [
    Promise::ClientAddress,
    Promise::Hidden,
    Promise::Tunnel,
    Promise::Filter,
    Promise::Private,
    Promise::Fresh,
    Promise::Understood,
    Promise::Unnoticed,
    Promise::Once,
    Promise::Confidential,
];

/// Every guarantee, in the order of the screen.
pub(super) static GUARANTEES: [Guarantee; 10] = {
    let mut all = [Guarantee::new(&DOCS[0]); 10];
    let mut at = 0;
    while at < all.len() {
        all[at] = Guarantee::new(&DOCS[at]);
        at += 1;
    }
    all
};

pub(super) fn judge(live: &Live<Proxied>) -> Verdicts {
    let watch = live.watched();
    let verdict = |(guarantee, promise): (Guarantee, Promise)| {
        let is_tested = watch.tested.contains(&promise);
        Verdict::of_run(guarantee, watch.broken.get(&promise), is_tested, "Nothing has happened that could break it.")
    };
    GUARANTEES.into_iter().zip(PROMISES).map(verdict).collect()
}
