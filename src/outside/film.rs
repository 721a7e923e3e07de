//! `splitbrain record`: a lesson as it plays, as a film.

use std::io::Write;
use std::time::Duration;

use anyhow::{Context as _, bail};

use super::{open, put, title};
use crate::command::Drive;
use crate::frames::{Cast, Scheme, Version};
use crate::lab::pictures::RecordArgs;
use crate::sim::time::{Span, Time};
use crate::tui::offscreen::Offscreen;

/// More frames than any film has that somebody looks at to its end.
const FRAMES_MAX: usize = 40_000;

/// How long a poke is seen before time goes on, as a share of the hold.
const AFTER_POKE: f64 = 0.5;

/// Records it.
pub(super) fn run(args: &RecordArgs, out: &mut dyn Write) -> anyhow::Result<()> {
    let film = film(args)?;
    put(&args.out, &film.text(), args.force, out)
}

/// The film.
pub fn film(args: &RecordArgs) -> anyhow::Result<Cast> {
    let (off, scheme) = open(&args.shown)?;
    let (from, to) = (Time(args.from.unwrap_or(Span::ZERO).0), args.to.map(|to| Time(to.0)));
    if to.is_some_and(|to| to < from) {
        bail!("--to {} lies before --from {}", args.to.unwrap_or_default(), args.from.unwrap_or_default());
    }
    let mut camera = Camera::new(off, args, scheme, from)?;
    camera.off.set_speed(args.speed);
    camera.still(camera.hold)?;
    for deed in &args.shown.deeds {
        camera.deed(deed).with_context(|| format!("--do {deed}"))?;
    }
    if to.is_none_or(|to| camera.at() < to) && camera.may_play(to)? {
        camera.play_to(to)?;
    }
    camera.off.pause()?;
    camera.still(camera.hold)?;
    camera.finish()
}

/// What looks at a lesson that plays.
struct Camera {
    off: Offscreen,
    cast: Cast,
    /// From which moment of virtual time on it records.
    from: Time,
    /// Real time from the start of the film.
    now: Duration,
    /// Whether a frame was recorded.
    rolls: bool,
    frame: Duration,
    hold: Duration,
    frames: usize,
}

impl Camera {
    fn new(off: Offscreen, args: &RecordArgs, scheme: Scheme, from: Time) -> anyhow::Result<Camera> {
        let version = if args.format == "v3" { Version::V3 } else { Version::V2 };
        let walk = off.walk()?;
        let cast = Cast::new(version, &format!("splitbrain: {}", walk.lesson().title), scheme);
        let frame = Duration::from_secs(1) / u32::from(args.fps.max(1));
        let hold = Duration::from_nanos(args.hold.0.min(60_000_000_000));
        Ok(Camera { off, cast, from, now: Duration::ZERO, rolls: false, frame, hold, frames: 0 })
    }

    fn at(&self) -> Time {
        self.off.at().unwrap_or(Time::ZERO)
    }

    /// Takes a frame, which is seen for so long.
    fn take(&mut self, shown: Duration) -> anyhow::Result<()> {
        if self.at() < self.from {
            return Ok(());
        }
        self.frames += 1;
        if self.frames > FRAMES_MAX {
            bail!("this is a film of more than {FRAMES_MAX} frames; say --to, or fewer --fps");
        }
        let frame = self.off.frame()?;
        self.rolls = true;
        self.cast.frame(self.now, &frame);
        self.now += shown;
        Ok(())
    }

    /// Nothing moves for so long.
    fn still(&mut self, span: Duration) -> anyhow::Result<()> {
        self.take(span)
    }

    /// Does something: what moves the clock is played, everything else is seen for a while.
    fn deed(&mut self, deed: &str) -> anyhow::Result<()> {
        match self.off.drive(deed) {
            None | Some(Drive::Seed(_)) => {
                self.off.perform(deed)?;
                self.cast.marker(self.now, deed);
                if self.off.is_playing() {
                    return self.take(self.frame);
                }
                self.still(self.hold.mul_f64(AFTER_POKE))
            }
            Some(_) => {
                let target = self.off.target(deed)?;
                self.play_to(Some(target))
            }
        }
    }

    /// Whether there is anything to play: a step that only says something has nothing.
    fn may_play(&self, to: Option<Time>) -> anyhow::Result<bool> {
        let walk = self.off.walk()?;
        if to.is_none() && (walk.is_locked() || walk.progress()[walk.index()] == crate::lesson::walk::Progress::Done) {
            return Ok(self.off.is_playing());
        }
        Ok(true)
    }

    /// Plays to a moment, or else to where play ends by itself. At a mark of the author it stands still for a while.
    fn play_to(&mut self, to: Option<Time>) -> anyhow::Result<()> {
        loop {
            let (before, frames) = (self.at(), self.frames);
            self.off.play()?;
            while self.off.is_playing() {
                let left = to.map(|to| to.since(self.at()));
                let one = self.off.per_second().scaled(self.frame.as_secs_f64() * 1.5);
                if let Some(to) = to.filter(|_| left.is_some_and(|left| left <= one)) {
                    self.off.go_to(to)?;
                    return self.take(self.frame);
                }
                let there = if let Some(to) = to {
                    self.off.pass_up_to(self.frame, to)?
                } else {
                    self.off.pass(self.frame)?;
                    false
                };
                self.take(self.frame)?;
                if there {
                    return Ok(());
                }
            }
            let marked = self.off.lab()?.stopped_at_mark();
            match (marked, to) {
                (Some(words), _) => {
                    if !words.is_empty() {
                        self.cast.marker(self.now, &words);
                    }
                    self.still(self.hold)?;
                }
                (None, None) => return Ok(()),
                (None, Some(to)) if self.at() >= to => return Ok(()),
                (None, Some(to)) if self.at() == before => {
                    // Nothing but heartbeats: what is left of the time passes at once.
                    self.off.go_to(to)?;
                    return self.take(self.frame);
                }
                // Where there is nothing left to wait for, play stops at once, every time: only the clock goes on, at the pace of before.
                (None, Some(to)) if self.frames <= frames + 1 => {
                    let next = self.at() + self.off.per_second().scaled(self.frame.as_secs_f64());
                    self.off.go_to(next.min(to))?;
                    self.take(self.frame)?;
                }
                (None, Some(_)) => self.still(self.hold.mul_f64(AFTER_POKE))?,
            }
        }
    }

    fn finish(mut self) -> anyhow::Result<Cast> {
        if !self.rolls {
            bail!("nothing is recorded: the run ends at {}, before --from {}; {}", self.at(), self.from, title(&self.off)?);
        }
        self.cast.hold(self.now);
        Ok(self.cast)
    }
}
