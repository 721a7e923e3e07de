//! What an exchange can be held to.

use crate::check::verdict::{Guarantee, GuaranteeDoc, Holds, Verdict, Verdicts};
use crate::cluster::live::Live;

use super::Exchange;
use super::settings::Does;
use super::watch::ROUNDING;

const fn guarantee(doc: &'static GuaranteeDoc) -> Guarantee {
    Guarantee::new(doc)
}

const COMPLETE: Guarantee =
    guarantee(&GuaranteeDoc { id: "complete", about: "Chat: nobody misses a message that was stored.", of_state: true });
const ONCE: Guarantee = guarantee(&GuaranteeDoc { id: "once", about: "Chat: nobody is shown a message twice.", of_state: true });
const ORDERED: Guarantee = guarantee(&GuaranteeDoc {
    id: "ordered",
    about: "Chat: everybody is shown messages in the order in which they were stored.",
    of_state: true,
});
const SENT_KEPT: Guarantee =
    guarantee(&GuaranteeDoc { id: "sent_kept", about: "Chat: what a client gave to its line arrives.", of_state: true });
const BATCHED: Guarantee = guarantee(&GuaranteeDoc {
    id: "batched",
    about: "Page: a query asks the database at most once for each of its places.",
    of_state: true,
});
const FRESH: Guarantee = guarantee(&GuaranteeDoc {
    id: "fresh",
    about: "Page: no page has a name older than that in the database when it was asked for.",
    of_state: true,
});
const BOUNDED: Guarantee = guarantee(&GuaranteeDoc { id: "bounded", about: "Page: no query reads more than 10,000 rows.", of_state: true });
const SLOW_ALONE: Guarantee =
    guarantee(&GuaranteeDoc { id: "slow_alone", about: "Calls: no call stands behind another for a connection.", of_state: true });
const LOSS_ALONE: Guarantee =
    guarantee(&GuaranteeDoc { id: "loss_alone", about: "Calls: a lost segment holds up one call and no other.", of_state: true });
const IN_TIME: Guarantee = guarantee(&GuaranteeDoc {
    id: "in_time",
    about: "Calls: every call ends by its deadline, and one that has none within 10 s.",
    of_state: true,
});
const NO_WASTE: Guarantee = guarantee(&GuaranteeDoc {
    id: "no_waste",
    about: "Calls: every server stops at the deadline, and the way to it, at the latest.",
    of_state: true,
});
const EFFECT_ONCE: Guarantee =
    guarantee(&GuaranteeDoc { id: "effect_once", about: "Calls: one click charges at most once.", of_state: true });

/// Every guarantee, in the order of the screen.
pub(super) const GUARANTEES: [Guarantee; 12] =
    [COMPLETE, ONCE, ORDERED, SENT_KEPT, BATCHED, FRESH, BOUNDED, SLOW_ALONE, LOSS_ALONE, IN_TIME, NO_WASTE, EFFECT_ONCE];

/// Those that speak of something else than these clients do.
pub(super) fn moot(does: Does) -> impl Iterator<Item = &'static str> {
    let family = match does {
        Does::Chat => "Chat: ",
        Does::Page => "Page: ",
        Does::Calls => "Calls: ",
    };
    GUARANTEES.into_iter().filter(move |guarantee| !guarantee.about().starts_with(family)).map(crate::check::verdict::Guarantee::id)
}

/// The most rows that are still bounded.
const ROWS: u64 = 10_000;

/// The number of what broke it, whether it was tested, and what one of these is.
type Judged = (usize, bool, &'static str);

pub(super) fn judge(live: &Live<Exchange>) -> Verdicts {
    let watch = live.watched();
    let (chat, works, counts) = (&watch.chat, &watch.works, &watch.counts);
    let now = live.sim().now();
    let missed = chat.seats.values().map(|seat| seat.missed.len()).sum();
    let shown: usize = chat.seats.values().map(|seat| seat.shown).sum();
    let too_long = works.too_long(now);
    // Streams of a chat and of a page stand beside each other too, and nothing is promised of them.
    let is_call = live.sim().settings().does == Does::Calls;
    let wasted = works.wasted_by(now).values().filter(|wasted| **wasted > ROUNDING).count();
    let ended = works.done + works.late + works.failed;
    let judged: [Judged; 12] = [
        (missed, shown + missed > 0, "message was stored and will not be shown to somebody"),
        (chat.doubled, shown > 0, "message was shown a second time"),
        (chat.out_of_order, shown > 1, "message was shown after a later one"),
        (chat.lost(live.sim()), chat.handed > 0, "message was handed over and arrives nowhere"),
        (counts.unbatched, watch.read.is_some(), "query asked the database more than once for one of its places"),
        (counts.stale as usize, counts.renamed_pages > 0, "page had a name older than that in the database"),
        (usize::from(counts.rows_most > ROWS), watch.read.is_some(), "query read more than 10,000 rows"),
        (works.stood, ended > 0 && works.beside > 0, "call stood behind another for a connection"),
        (if is_call { counts.stalls } else { 0 }, is_call && counts.again_beside > 0, "lost segment held up other calls too"),
        (too_long, works.made > 0, "call has waited for longer than it may"),
        (wasted, works.late > 0, "server worked on when nobody wanted it any more"),
        (works.charged_twice, works.tries_charged(), "click was charged more than once"),
    ];
    let verdict = |(guarantee, (broken, is_tested, what)): (Guarantee, Judged)| {
        let (holds, why) = match broken {
            0 if is_tested => (Holds::Yes, String::new()),
            0 => (Holds::Untested, "Nothing has tested it yet.".to_string()),
            1 => (Holds::No, format!("A {what}.")),
            many => (Holds::No, format!("{many} times: a {what}.")),
        };
        Verdict { guarantee, holds, why, witness: Vec::new() }
    };
    GUARANTEES.into_iter().zip(judged).map(verdict).collect()
}
