//! Doing something to the cluster, by key, from the palette or from a box.

use super::Lab;
use crate::cluster::condition::Condition;
use crate::command::{Command, Drive, Poke};
use crate::lesson::walk::Halt;
use crate::timeline::Poked;
use crate::tui::app::App;

/// Pokes the cluster at the moment shown; what becomes of it is said on the screen.
pub fn poke(app: &mut App, poke: &Poke) {
    if let Err(why) = try_poke(app, poke) {
        app.refuse(why);
    }
}

fn try_poke(app: &mut App, poke: &Poke) -> Result<(), String> {
    let Some(lab) = app.lab_mut() else { return Ok(()) };
    lab.may_move()?;
    let poked = lab.walk.poke(poke).map_err(|why| why.0)?;
    lab.moved();
    app.say(match poked {
        Poked::Recorded => poke.to_string(),
        Poked::Branched => format!("{poke}   (a new branch; b shows what was tried before)"),
        Poked::Reentered => format!("{poke}   (as before: the same future)"),
    });
    Ok(())
}

/// Does a command of the command language. The error says why not.
pub fn command(app: &mut App, command: &Command) -> Result<(), String> {
    if let Command::Poke(poke) = command {
        return try_poke(app, poke);
    }
    if let Command::Drive(Drive::Seed(seed)) = command {
        return app.reseed(*seed);
    }
    let Some(lab) = app.lab_mut() else { return Ok(()) };
    lab.may_move()?;
    lab.pace.pause();
    let condition = match command {
        Command::Drive(Drive::Until(text)) => Some(compiled(lab, text)?),
        _ => None,
    };
    let moved = lab.walk.command(command, condition.as_ref())?;
    lab.moved();
    match moved.halt {
        Some(Halt::Stuck(why)) => Err(why),
        Some(halt) => {
            lab.halted(&halt);
            Ok(())
        }
        None => Ok(()),
    }
}

fn compiled(lab: &Lab, text: &str) -> Result<Condition, String> {
    Condition::about(text, lab.run().scenario()).map_err(|all| all.into_iter().map(|e| e.message).collect::<Vec<_>>().join("; "))
}
