//! `splitbrain present`: what is presented, and whether a deck is right. The screens are elsewhere.

use std::io::Write;
use std::net::IpAddr;
use std::path::PathBuf;

use anyhow::{anyhow, bail};
use clap::Args;

use super::check;
use super::cli::{Kept, Look};
use crate::ballot::server::{PORT, Wish};
use crate::lesson::folder;
use crate::present::show::{Origin, Plan};

/// What a remote does, below the help of the command.
pub const KEYS: &str = "A presenter's remote does everything: PageDown goes on, PageUp goes back one mark, `.` makes the screen black, F5 \
                        starts again. Tab lists the pages, Home begins a page again, digits go to its marks. At a question votes are typed \
                        (1=12 2=20), once before the talk and once after it; with --vote they come from phones. In a second terminal `splitbrain present --notes` shows the \
                        notes, what comes next, and a clock.";

/// Lets a class vote from phones
#[derive(Args, Clone, Debug, Default)]
pub struct VoteArgs {
    /// Let the class vote from phones, too: a small page on the local network, there as long as the presentation is
    #[arg(long, conflicts_with_all = ["notes", "check"])]
    pub vote: bool,
    /// The port of that page; 0: any that is free [default: 8460]
    #[arg(long, value_name = "N", requires = "vote")]
    pub vote_port: Option<u16>,
    /// The address that phones use: one of this machine, or of what stands before it and passes on [default: every one of this machine
    /// in a local network]
    #[arg(long, value_name = "A", requires = "vote")]
    pub vote_address: Option<IpAddr>,
}

impl VoteArgs {
    /// Where the page is to be, if there is to be one.
    pub fn wish(&self) -> Option<Wish> {
        self.vote.then(|| Wish { address: self.vote_address, port: self.vote_port.unwrap_or(PORT) })
    }
}

/// Presents a lesson or a deck to a class
#[derive(Args, Clone, Debug, Default)]
pub struct PresentArgs {
    /// A lesson by its id, or a deck: a file that ends in .toml. With --notes: the name of a presentation that runs
    #[arg(value_name = "LESSON|DECK", required_unless_present = "notes")]
    pub what: Option<String>,
    /// Show the notes of the presentation that runs in another terminal; of several the newest
    #[arg(long)]
    pub notes: bool,
    /// Only say what is wrong with a deck
    #[arg(long, conflicts_with = "notes")]
    pub check: bool,
    /// Add the lessons of a folder
    #[arg(long, value_name = "DIR")]
    pub lessons: Option<PathBuf>,
    /// Start clusters with this seed instead of the lesson's own
    #[arg(long, value_name = "N")]
    pub seed: Option<u64>,
    /// How the class votes.
    #[command(flatten)]
    pub vote: VoteArgs,
    /// How the screen looks.
    #[command(flatten)]
    pub look: Look,
    /// Where settings are kept.
    #[command(flatten)]
    pub kept: Kept,
}

impl PresentArgs {
    fn origin(&self) -> anyhow::Result<Origin> {
        let what = self.what.as_deref().ok_or_else(|| anyhow!("name a lesson or a deck"))?;
        Origin::named(what, self.lessons.as_deref())
    }

    /// Everything that is presented. The error is all that is wrong with it.
    pub fn plan(&self) -> anyhow::Result<Plan> {
        if self.look.plain {
            bail!("a presentation is drawn; for lines of text, open the lesson with `splitbrain --plain`");
        }
        let origin = self.origin()?;
        let open = |origin: Origin| origin.catalogue().and_then(|catalogue| Plan::open(origin, &catalogue));
        let plan = open(origin.clone());
        // A deck may name lessons that lie beside it.
        let beside = origin.deck.as_ref().filter(|_| plan.is_err() && origin.lessons.is_none()).and_then(|deck| deck.parent());
        let with_those = beside.and_then(|folder| open(Origin { lessons: Some(folder.to_path_buf()), ..origin.clone() }).ok());
        with_those.map_or(plan, Ok)
    }

    /// Says what is wrong with a deck; the exit status says whether anything is.
    pub fn check(&self, out: &mut dyn Write) -> anyhow::Result<u8> {
        let origin = self.origin()?;
        let Some(path) = &origin.deck else { bail!("--check is for decks; `splitbrain check` is for lessons") };
        let source = folder::read(path).map_err(|error| anyhow!("{}: {error}", path.display()))?;
        let mut found = Vec::new();
        let mut catalogue = origin.catalogue()?;
        catalogue.add_beside(path)?;
        if !check::check_deck(&catalogue, &source, &mut found)? {
            bail!(String::from_utf8_lossy(&found).trim_end().to_string());
        }
        out.write_all(&found)?;
        Ok(0)
    }
}
