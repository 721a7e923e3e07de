//! Commands about a cluster, as far as words go: which there are, and how many words they have.

use super::args::{Argv, int, is};
use super::reply::{Reply, error};
use super::table::Beyond;

/// Those of CLUSTER, with the number of their words; if negative, at least so many.
const SUBCOMMANDS: [(&str, i32); 11] = [
    ("addslots", -3),
    ("countkeysinslot", 3),
    ("failover", -2),
    ("getkeysinslot", 4),
    ("info", 2),
    ("keyslot", 3),
    ("myid", 2),
    ("nodes", 2),
    ("setslot", -4),
    ("shards", 2),
    ("slots", 2),
];

/// Whether there is such a subcommand, with so many words.
pub(super) fn check(argv: &Argv) -> Result<(), Reply> {
    if is(&argv[0], "CLUSTER") {
        let found = SUBCOMMANDS.iter().find(|(name, _)| is(&argv[1], name));
        let (name, words) = found.ok_or_else(|| error(format!("ERR unknown subcommand '{}'. Try CLUSTER HELP.", argv[1])))?;
        let count = i32::try_from(argv.len()).unwrap_or(i32::MAX);
        if (*words > 0 && count != *words) || count < -words {
            return Err(error(format!("ERR wrong number of arguments for 'cluster|{name}' command")));
        }
    }
    Ok(())
}

/// MIGRATE host port key database timeout, with COPY and REPLACE; of these REPLACE is known here.
pub(super) fn migrate(argv: &Argv) -> Result<Beyond, Reply> {
    let mut replaces = false;
    for word in &argv[6..] {
        if !is(word, "REPLACE") {
            return Err(error(super::args::SYNTAX));
        }
        replaces = true;
    }
    let (timeout, database) = (int(&argv[5])?, int(&argv[4])?);
    if database != 0 {
        return Err(error("ERR Target instance replied with error: ERR DB index is out of range"));
    }
    let timeout = u64::try_from(timeout).ok().filter(|timeout| *timeout > 0).unwrap_or(1000);
    Ok(Beyond::Migrate { to: argv[1].clone(), key: argv[3].clone(), replaces, timeout })
}
