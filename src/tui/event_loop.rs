//! The loop: block, take in everything that waits, update, draw once if something changed.

use ratatui::crossterm::event::{Event, KeyEventKind};

use super::app::{App, Effect};
use super::clock::Moment;
use super::keys::Key;
use super::look;
use super::terminal::signals::{self, Meaning};
use super::terminal::{Input, Screen};

/// How the loop ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Ended {
    /// The user left.
    Quit,
    /// This signal asked for it.
    Signal(i32),
}

/// Runs until the user leaves or a signal ends it.
pub fn run(app: &mut App, screen: &mut dyn Screen) -> anyhow::Result<Ended> {
    app.advance(screen.now());
    loop {
        if let Some(ended) = settle(app, screen)? {
            return Ok(ended);
        }
        if app.take_changed() {
            screen.draw(&mut |frame| app.draw(frame))?;
        }
        let mut input = screen.wait(app.deadline())?;
        app.advance(screen.now());
        while let Some(one) = input {
            if let Some(ended) = take_in(app, screen, one)? {
                return Ok(ended);
            }
            input = screen.wait(Some(Moment::ZERO))?;
        }
    }
}

/// Waits a little for the work that is going on, writes down what came of it, and takes in what was held back until its end.
fn settle(app: &mut App, screen: &mut dyn Screen) -> anyhow::Result<Option<Ended>> {
    loop {
        app.settle(screen.now(), screen.patience())?;
        app.keep();
        let Some(event) = app.next_held() else { return Ok(None) };
        on_event(app, event);
        if let Some(ended) = carry_out(app, screen)? {
            return Ok(Some(ended));
        }
    }
}

fn take_in(app: &mut App, screen: &mut dyn Screen, input: Input) -> anyhow::Result<Option<Ended>> {
    match input {
        Input::Event(event) => match app.hold(event) {
            Some(event) => on_event(app, event),
            None => return Ok(None),
        },
        Input::Answer(answer) => look::hear(app, &answer),
        Input::Lost(why) => anyhow::bail!("the keyboard cannot be read: {why}"),
        Input::Signal(signal) => match signals::meaning(signal) {
            Meaning::End => return Ok(Some(Ended::Signal(signal))),
            Meaning::Stop => app.ask(Effect::Suspend),
            Meaning::Continued => app.ask(Effect::Resume),
            Meaning::Resized => app.changed(),
        },
    }
    match carry_out(app, screen)? {
        None => settle(app, screen),
        ended => Ok(ended),
    }
}

/// One event comes in, and nobody waits for what it begins.
pub(super) fn hear(app: &mut App, event: Event) {
    if let Some(event) = app.hold(event) {
        on_event(app, event);
    }
}

fn on_event(app: &mut App, event: Event) {
    match event {
        // Some terminals report releases too: a key counts when it goes down, and while it repeats.
        Event::Key(key) if key.kind != KeyEventKind::Release => app.on_key(Key::from(key)),
        Event::Mouse(mouse) => app.on_mouse(mouse),
        Event::Paste(text) => app.on_paste(&text),
        Event::Resize(..) => app.changed(),
        // Who comes back may have left something of another program on the screen.
        Event::FocusGained => app.ask(Effect::Repaint),
        Event::Key(_) | Event::FocusLost => {}
    }
}

fn carry_out(app: &mut App, screen: &mut dyn Screen) -> anyhow::Result<Option<Ended>> {
    for effect in app.take_effects() {
        match effect {
            Effect::Quit => return Ok(Some(Ended::Quit)),
            Effect::Suspend => {
                screen.suspend()?;
                app.resumed(screen.now());
            }
            Effect::Resume => {
                screen.resume()?;
                app.resumed(screen.now());
            }
            Effect::Repaint => screen.repaint()?,
            Effect::Mouse(on) => screen.mouse(on)?,
            Effect::Copy(text) => screen.copy(&text)?,
        }
        app.changed();
    }
    Ok(None)
}
