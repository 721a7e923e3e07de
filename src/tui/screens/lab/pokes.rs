//! Doing something to the cluster, by key, from the palette or from a box.

use super::Lab;
use super::course;
use super::moves::went;
use super::network;
use super::outside;
use crate::cluster::condition::Condition;
use crate::command::{Command, Drive, Poke};
use crate::lesson::walk::Halt;
use crate::timeline::Poked;
use crate::tui::app::App;

/// Pokes the cluster at the moment shown; what becomes of it is said on the screen.
pub fn poke(app: &mut App, poke: &Poke) {
    try_poke(app, poke, |app, done| {
        if let Err(why) = done {
            app.refuse(why);
        }
    });
}

fn try_poke(app: &mut App, poke: &Poke, then: impl FnOnce(&mut App, Result<(), String>) + Send + 'static) {
    if let Err(why) = app.lab().map_or(Ok(()), Lab::may_move) {
        return then(app, Err(why));
    }
    if outside::hand_on(app, poke) {
        return then(app, Ok(()));
    }
    let (what, poke) = (poke.to_string(), poke.clone());
    let before = app.lab().filter(|lab| lab.is_network()).map(network::Before::of);
    let follows = before.is_some();
    course::work(
        app,
        what.clone(),
        move |course| {
            let poked = course.walk.poke(&poke).map_err(|why| why.0)?;
            let followed = if follows && course.walk.holds_messages() { course.walk.follow() } else { 0 };
            Ok((poked, followed))
        },
        move |app, done: Result<_, String>| {
            let said = done.map(|(poked, followed)| {
                let effect = before.zip(app.lab()).map_or_else(String::new, |(before, lab)| before.effect(lab));
                let what = format!("{what}{}{effect}", network::and_then(followed));
                match poked {
                    Poked::Recorded => what,
                    Poked::Branched => format!("{what}   (a new branch; b shows what was tried before)"),
                    Poked::Reentered => format!("{what}   (as before: the same future)"),
                }
            });
            let done = said.map(|words| app.say(words));
            then(app, done);
        },
    );
}

/// Does a command of the command language, and tells `then` why not, where it cannot be done.
pub fn command(app: &mut App, command: &Command, then: impl FnOnce(&mut App, Result<(), String>) + Send + 'static) {
    match command {
        Command::Poke(poke) => try_poke(app, poke, then),
        Command::Drive(Drive::Seed(_)) if outside::is_shown(app) => then(app, Err(outside::ONCE.into())),
        Command::Drive(Drive::Seed(seed)) => app.reseed(*seed, then),
        Command::Drive(_) => drive(app, command, then),
    }
}

fn drive(app: &mut App, command: &Command, then: impl FnOnce(&mut App, Result<(), String>) + Send + 'static) {
    let Some(lab) = app.lab_mut() else { return };
    let condition = match command {
        Command::Drive(Drive::Until(text)) => lab.may_move().and_then(|()| compiled(lab, text)).map(Some),
        _ => lab.may_move().map(|()| None),
    };
    let condition = match condition {
        Ok(condition) => condition,
        Err(why) => return then(app, Err(why)),
    };
    lab.pace.pause();
    let follows = lab.is_network();
    let (what, command) = (command.to_string(), command.clone());
    course::work(
        app,
        what,
        move |course| {
            let moved = course.walk.command(&command, condition.as_ref())?;
            if follows && course.walk.holds_messages() {
                course.walk.follow();
            }
            Ok(moved)
        },
        |app, moved| match moved {
            Err(why) => then(app, Err(why)),
            Ok(moved) => {
                let stuck = if let Some(Halt::Stuck(why)) = &moved.halt { Err(why.clone()) } else { Ok(()) };
                if stuck.is_ok() {
                    went(app, moved, "");
                }
                then(app, stuck);
            }
        },
    );
}

fn compiled(lab: &Lab, text: &str) -> Result<Condition, String> {
    Condition::about(text, lab.run().scenario()).map_err(|all| all.into_iter().map(|e| e.message).collect::<Vec<_>>().join("; "))
}
