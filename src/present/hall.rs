//! The line between the projected screen and the notes: a socket of this machine, in a folder of the owner, under a name that nobody guesses.
//!
//! The screen only speaks: it reads nothing, so that nothing that is sent to it does anything. The notes only listen.

use std::fs::{self, DirBuilder, File, Permissions};
use std::io::{self, Read as _, Write as _};
use std::os::unix::fs::{DirBuilderExt as _, FileTypeExt as _, MetadataExt as _, PermissionsExt as _};
use std::os::unix::net::{UnixListener, UnixStream};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::thread;
use std::time::Duration;

use super::here::{Here, LONGEST};

/// What the names of the sockets begin and end with.
const NAME: (&str, &str) = ("present-", ".sock");

/// At most so many listen at once.
const LISTENERS: usize = 8;

/// The last bits of a mode that are 0 where nobody but its owner may do anything.
const OWN_BITS: u32 = 6;
/// How long a presentation may take to say where it is.
const GREETING: Duration = Duration::from_secs(1);

/// Why there is no line.
#[derive(Debug, thiserror::Error)]
pub enum NoHall {
    /// The folder is not only the owner's.
    #[error("{} is not yours alone (it has to be a folder of yours with mode 0700)", .0.display())]
    Shared(PathBuf),
    /// Something cannot be done there.
    #[error("{}: {}", .0.display(), .1)]
    Io(PathBuf, io::Error),
}

fn at(path: &Path) -> impl Fn(io::Error) -> NoHall + '_ {
    |error| NoHall::Io(path.to_path_buf(), error)
}

/// The folder, made where it is missing, for its owner only. One that others can look into, or that is a link, is not used.
fn folder(folder: &Path) -> Result<(), NoHall> {
    if let Some(above) = folder.parent() {
        fs::create_dir_all(above).map_err(at(above))?;
    }
    match DirBuilder::new().mode(0o700).create(folder) {
        Err(error) if error.kind() != io::ErrorKind::AlreadyExists => return Err(at(folder)(error)),
        _ => {}
    }
    check(folder)
}

/// Whether a folder is the owner's alone.
fn check(folder: &Path) -> Result<(), NoHall> {
    let found = fs::symlink_metadata(folder).map_err(at(folder))?;
    let own = found.is_dir() && found.mode().trailing_zeros() >= OWN_BITS && found.uid() == rustix::process::geteuid().as_raw();
    if own { Ok(()) } else { Err(NoHall::Shared(folder.to_path_buf())) }
}

/// Whether a path is a socket of the owner.
fn is_own_socket(path: &Path) -> bool {
    fs::symlink_metadata(path).is_ok_and(|found| found.file_type().is_socket() && found.uid() == rustix::process::geteuid().as_raw())
}

/// A name that nobody guesses.
fn name() -> io::Result<String> {
    let mut bytes = [0; 16];
    File::open("/dev/urandom")?.read_exact(&mut bytes)?;
    let digits = bytes.iter().fold(String::new(), |digits, byte| digits + &format!("{byte:02x}"));
    Ok(format!("{}{digits}{}", NAME.0, NAME.1))
}

/// The sockets of a folder that are named like one of ours.
fn sockets(folder: &Path) -> io::Result<Vec<PathBuf>> {
    let is_one = |path: &PathBuf| {
        let name = path.file_name().and_then(|name| name.to_str()).unwrap_or_default();
        name.starts_with(NAME.0) && name.ends_with(NAME.1) && is_own_socket(path)
    };
    let mut all: Vec<PathBuf> = fs::read_dir(folder)?.filter_map(|entry| Some(entry.ok()?.path())).filter(is_one).collect();
    all.sort();
    Ok(all)
}

/// The end of the line at the projected screen.
#[derive(Debug)]
pub struct Hall {
    path: PathBuf,
    shared: Arc<Shared>,
}

#[derive(Debug, Default)]
struct Shared {
    over: AtomicBool,
    state: Mutex<State>,
}

#[derive(Debug, Default)]
struct State {
    line: Vec<u8>,
    listeners: Vec<UnixStream>,
}

impl Shared {
    /// Nobody panics while holding it, and if somebody did the line would still be right.
    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Hall {
    /// Opens the line in this folder, and clears away what presentations left there that are no more.
    pub fn open(folder: &Path, here: &Here) -> Result<Hall, NoHall> {
        self::folder(folder)?;
        sweep(folder);
        let path = folder.join(name().map_err(at(Path::new("/dev/urandom")))?);
        let listener = UnixListener::bind(&path).map_err(at(&path))?;
        // The folder lets nobody else in; this is so that the socket says it too.
        fs::set_permissions(&path, Permissions::from_mode(0o600)).map_err(at(&path))?;
        let shared = Arc::new(Shared::default());
        shared.state().line = here.line().into_bytes();
        let theirs = Arc::clone(&shared);
        let hall = Hall { path, shared };
        thread::Builder::new().name("hall".into()).spawn(move || listen(&listener, &theirs)).map_err(at(&hall.path))?;
        Ok(hall)
    }

    /// Where the socket is.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// Says where the presentation is. Who does not listen fast enough is let go.
    pub fn tell(&self, here: &Here) {
        let mut state = self.shared.state();
        state.line = here.line().into_bytes();
        let State { line, listeners } = &mut *state;
        listeners.retain_mut(|listener| listener.write_all(line).is_ok());
    }
}

impl Drop for Hall {
    fn drop(&mut self) {
        self.shared.over.store(true, Ordering::SeqCst);
        // Wakes the thread that waits for somebody to come.
        let _ = UnixStream::connect(&self.path);
        let _ = fs::remove_file(&self.path);
    }
}

fn listen(listener: &UnixListener, shared: &Shared) {
    for stream in listener.incoming() {
        if shared.over.load(Ordering::SeqCst) {
            return;
        }
        let Ok(mut stream) = stream else { return };
        let mut state = shared.state();
        let greeted = state.listeners.len() < LISTENERS && stream.set_nonblocking(true).is_ok() && stream.write_all(&state.line).is_ok();
        if greeted {
            state.listeners.push(stream);
        }
    }
}

/// Removes the sockets at which nobody is any more.
fn sweep(folder: &Path) {
    let dead = |path: &PathBuf| UnixStream::connect(path).is_err_and(|error| error.kind() == io::ErrorKind::ConnectionRefused);
    for path in sockets(folder).unwrap_or_default().into_iter().filter(dead) {
        // If it is gone already, all the better.
        let _ = fs::remove_file(path);
    }
}

/// The end of the line at the notes.
#[derive(Debug)]
pub struct Listener {
    stream: UnixStream,
    /// What came of the next line.
    begun: Vec<u8>,
    /// Where the presentation is.
    pub here: Here,
}

/// Why nobody is listened to.
#[derive(Debug, thiserror::Error)]
pub enum NoShow {
    /// Nothing is presented.
    #[error("nothing is presented now")]
    None,
    /// Others are, but not this one.
    #[error("`{0}` is not presented now; what is: {1}")]
    Other(String, String),
    /// The folder is not to be trusted.
    #[error(transparent)]
    Hall(#[from] NoHall),
}

impl Listener {
    /// Finds a presentation: the one of this name, or the newest.
    pub fn find(folder: &Path, name: Option<&str>) -> Result<Listener, NoShow> {
        if !folder.exists() {
            return Err(NoShow::None);
        }
        check(folder)?;
        sweep(folder);
        let all: Vec<Listener> = sockets(folder).unwrap_or_default().iter().filter_map(|path| Listener::connect(path)).collect();
        let names: Vec<&str> = all.iter().map(|listener| listener.here.name.as_str()).collect();
        let names = names.join(", ");
        if all.is_empty() {
            return Err(NoShow::None);
        }
        let wanted = all.into_iter().filter(|listener| name.is_none_or(|name| listener.here.name == name));
        wanted.max_by_key(|listener| listener.here.since).ok_or_else(|| NoShow::Other(name.unwrap_or_default().into(), names))
    }

    /// Listens at a socket, if somebody there says where it is.
    fn connect(path: &Path) -> Option<Listener> {
        let mut stream = UnixStream::connect(path).ok()?;
        stream.set_read_timeout(Some(GREETING)).ok()?;
        let mut begun = Vec::new();
        let here = loop {
            if let Some(line) = take_line(&mut begun) {
                break Here::read(&line).ok()?;
            }
            if begun.len() > LONGEST || !more(&mut stream, &mut begun).ok()? {
                return None;
            }
        };
        stream.set_nonblocking(true).ok()?;
        Some(Listener { stream, begun, here })
    }

    /// Takes in what was said since. True where something was; the error says that the presentation is over, or says something else.
    pub fn hear(&mut self) -> Result<bool, String> {
        let mut heard = false;
        loop {
            while let Some(line) = take_line(&mut self.begun) {
                self.here = Here::read(&line).map_err(|why| why.to_string())?;
                heard = true;
            }
            if self.begun.len() > LONGEST {
                return Err("a line is too long".into());
            }
            match more(&mut self.stream, &mut self.begun) {
                Ok(true) => {}
                Ok(false) => return Err("the presentation is over".into()),
                Err(error) if error.kind() == io::ErrorKind::WouldBlock => return Ok(heard),
                Err(error) => return Err(error.to_string()),
            }
        }
    }
}

/// Reads a little more; false at the end.
fn more(stream: &mut UnixStream, begun: &mut Vec<u8>) -> io::Result<bool> {
    let mut bytes = [0; 4096];
    let count = stream.read(&mut bytes)?;
    begun.extend_from_slice(&bytes[..count]);
    Ok(count > 0)
}

/// The first whole line, without its end.
fn take_line(begun: &mut Vec<u8>) -> Option<Vec<u8>> {
    let end = begun.iter().position(|byte| *byte == b'\n')?;
    let rest = begun.split_off(end + 1);
    let mut line = std::mem::replace(begun, rest);
    line.pop();
    Some(line)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::present::show::Origin;

    fn here(name: &str, since: i64) -> Here {
        Here::start(name, Origin { lesson: Some(name.into()), ..Origin::default() }, since, 9)
    }

    fn home() -> (tempfile::TempDir, PathBuf) {
        let home = tempfile::tempdir().unwrap();
        let folder = home.path().join("splitbrain");
        (home, folder)
    }

    /// Hears until something was said.
    fn heard(listener: &mut Listener) -> Result<(), String> {
        for _ in 0..400 {
            if listener.hear()? {
                return Ok(());
            }
            thread::park_timeout(Duration::from_millis(5));
        }
        panic!("nothing was said")
    }

    fn at(mut here: Here, page: (usize, usize)) -> Here {
        here.page = page;
        here
    }

    #[test]
    fn what_is_told_is_heard() {
        let (_home, folder) = home();
        let hall = Hall::open(&folder, &here("a", 1)).unwrap();
        let mut listener = Listener::find(&folder, None).unwrap();
        assert_eq!(listener.here, here("a", 1));
        assert_eq!(listener.hear(), Ok(false));
        hall.tell(&at(here("a", 1), (4, 9)));
        heard(&mut listener).unwrap();
        assert_eq!(listener.here.page, (4, 9));
        drop(hall);
        assert_eq!(heard(&mut listener), Err("the presentation is over".into()));
        assert!(matches!(Listener::find(&folder, None), Err(NoShow::None)));
    }

    #[test]
    fn nobody_else_can_look_in() {
        let (_home, folder) = home();
        let hall = Hall::open(&folder, &here("a", 1)).unwrap();
        let mode = |path: &Path| fs::symlink_metadata(path).unwrap().mode() & 0o777;
        assert_eq!((mode(&folder), mode(hall.path())), (0o700, 0o600));
        let name = hall.path().file_name().unwrap().to_str().unwrap();
        assert_eq!(name.len(), NAME.0.len() + 32 + NAME.1.len());
        let other = Hall::open(&folder, &here("b", 2)).unwrap();
        assert_ne!(other.path(), hall.path());
        drop((hall, other));
        assert_eq!(fs::read_dir(&folder).unwrap().count(), 0, "nothing is left behind");
        fs::set_permissions(&folder, Permissions::from_mode(0o755)).unwrap();
        assert!(matches!(Hall::open(&folder, &here("a", 1)), Err(NoHall::Shared(_))));
        assert!(matches!(Listener::find(&folder, None), Err(NoShow::Hall(NoHall::Shared(_)))));
        let link = folder.with_file_name("link");
        fs::set_permissions(&folder, Permissions::from_mode(0o700)).unwrap();
        std::os::unix::fs::symlink(&folder, &link).unwrap();
        assert!(matches!(Hall::open(&link, &here("a", 1)), Err(NoHall::Shared(_))));
    }

    #[test]
    fn the_newest_is_found_or_the_one_that_is_named() {
        let (_home, folder) = home();
        let (old, new) = (Hall::open(&folder, &here("old", 1)).unwrap(), Hall::open(&folder, &here("new", 2)).unwrap());
        assert_eq!(Listener::find(&folder, None).unwrap().here.name, "new");
        assert_eq!(Listener::find(&folder, Some("old")).unwrap().here.name, "old");
        let none = Listener::find(&folder, Some("other")).unwrap_err().to_string();
        assert!(none.contains("`other` is not presented now") && none.contains("old") && none.contains("new"), "{none}");
        drop((old, new));
    }

    #[test]
    fn what_is_dead_is_cleared_away_and_nothing_else() {
        let (_home, folder) = home();
        self::folder(&folder).unwrap();
        let dead = folder.join("present-dead.sock");
        drop(UnixListener::bind(&dead).unwrap());
        let other = folder.join("notes.txt");
        fs::write(&other, "mine").unwrap();
        let file = folder.join("present-file.sock");
        fs::write(&file, "no socket").unwrap();
        let hall = Hall::open(&folder, &here("a", 1)).unwrap();
        assert!(!dead.exists() && other.exists() && file.exists() && hall.path().exists());
    }

    #[test]
    fn a_stranger_at_the_socket_does_nothing() {
        let (_home, folder) = home();
        let hall = Hall::open(&folder, &here("a", 1)).unwrap();
        let mut stranger = UnixStream::connect(hall.path()).unwrap();
        stranger.set_nonblocking(true).unwrap();
        // What nobody reads fills the line, and stays there.
        while stranger.write(&[b'{'; 4096]).is_ok() {}
        let silent: Vec<UnixStream> = (0..20).filter_map(|_| UnixStream::connect(hall.path()).ok()).collect();
        for page in 0..20_000 {
            hall.tell(&at(here("a", 1), (page % 9, 9)));
        }
        assert!(hall.shared.state().listeners.len() <= LISTENERS);
        drop(silent);
        hall.tell(&here("a", 1));
        assert_eq!(Listener::find(&folder, None).unwrap().here.name, "a");
    }

    #[test]
    fn who_says_something_else_is_not_listened_to() {
        let (_home, folder) = home();
        self::folder(&folder).unwrap();
        let path = folder.join("present-liar.sock");
        let liar = UnixListener::bind(&path).unwrap();
        let line = here("liar", 9).line();
        let sent = [b"rubbish\n".to_vec(), vec![b'x'; LONGEST * 3], [line.as_bytes(), &vec![b'x'; LONGEST * 2][..]].concat()];
        let talk = thread::spawn(move || {
            // Connecting is also how the dead are told from the living.
            for stream in liar.incoming().take(6).flatten().enumerate() {
                let (number, mut stream) = stream;
                let _ = stream.set_write_timeout(Some(Duration::from_millis(300)));
                let _ = stream.write_all(&sent[number / 2]);
            }
        });
        assert!(matches!(Listener::find(&folder, None), Err(NoShow::None)));
        assert!(matches!(Listener::find(&folder, None), Err(NoShow::None)));
        let mut listener = Listener::find(&folder, None).unwrap();
        let why = heard(&mut listener).unwrap_err();
        assert!(why.contains("too long") || why.contains("over"), "{why}");
        talk.join().unwrap();
    }
}
