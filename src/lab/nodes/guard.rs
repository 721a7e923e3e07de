//! No process outlives this one: those that run are known here, and are killed at every way out: the end, a panic, a signal.
//!
//! One way remains that nobody can guard: whoever kills this process with SIGKILL. The programs then read the end of their input.

use std::sync::{Mutex, Once, PoisonError};

use super::group::Group;

static RUNNING: Mutex<Vec<Group>> = Mutex::new(Vec::new());

/// Knows of one more.
pub(super) fn enter(group: Group) {
    RUNNING.lock().unwrap_or_else(PoisonError::into_inner).push(group);
}

/// It has ended and was waited for: its number may be another's from now on.
pub(super) fn leave(group: Group) {
    RUNNING.lock().unwrap_or_else(PoisonError::into_inner).retain(|known| *known != group);
}

/// Kills all.
fn kill_all() {
    RUNNING.lock().unwrap_or_else(PoisonError::into_inner).iter().for_each(|group| group.kill());
}

/// From here on a panic or a signal kills all. `dies`: nobody else ends this process at a signal.
pub(super) fn watch(dies: bool) -> std::io::Result<()> {
    static HOOK: Once = Once::new();
    HOOK.call_once(|| {
        let before = std::panic::take_hook();
        std::panic::set_hook(Box::new(move |panic| {
            kill_all();
            before(panic);
        }));
    });
    signals(dies)
}

#[cfg(unix)]
fn signals(dies: bool) -> std::io::Result<()> {
    use signal_hook::consts::{SIGHUP, SIGINT, SIGQUIT, SIGTERM};
    let mut signals = signal_hook::iterator::Signals::new([SIGTERM, SIGHUP, SIGINT, SIGQUIT])?;
    std::thread::Builder::new().name("guard".into()).spawn(move || {
        for signal in signals.forever() {
            kill_all();
            if dies {
                let _ = signal_hook::low_level::emulate_default_handler(signal);
            }
        }
    })?;
    Ok(())
}

#[cfg(not(unix))]
fn signals(_: bool) -> std::io::Result<()> {
    Ok(())
}
