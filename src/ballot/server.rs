//! The server: a thread of its own beside the screen, there only while it is asked for, and gone with it.

use std::io;
use std::net::{IpAddr, SocketAddr, TcpListener};
use std::sync::Arc;
use std::thread::JoinHandle;
use std::time::Duration;

use hyper::server::conn::http1;
use hyper_util::rt::{TokioIo, TokioTimer};
use hyper_util::service::TowerToHyperService;
use tokio::net::TcpStream;
use tokio::sync::{Semaphore, oneshot};
use tokio::time::{sleep, timeout};

use super::addresses::{NoPlace, Places};
use super::answers::{Guest, NEWS_TIME, router};
use super::room::Room;
use super::seats::{Seat, Seats};

/// The port, where none is asked for: one that no service is registered for.
pub const PORT: u16 = 8460;

/// How long a request may take to say what it wants.
const HEAD_TIME: Duration = Duration::from_secs(5);
/// The longest that any connection lives: one that brings news, and time to write the end.
const LIFE: Duration = NEWS_TIME.saturating_add(Duration::from_secs(20));
/// The most header lines of a request; a browser sends about fifteen.
const HEADERS_MAX: usize = 48;
/// The most bytes of a request that are kept: hyper allows no fewer.
const HEAD_MAX: usize = 8_192;
/// How many connections may wait for news.
const NEWS_MAX: usize = 500;
/// How long to wait before the next connection where the system has no room for one.
const REST: Duration = Duration::from_millis(100);

/// Where the vote is to be found.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Wish {
    /// The address that phones use; `None`: those of this machine in local networks.
    pub address: Option<IpAddr>,
    /// The port; 0 is any that is free.
    pub port: u16,
}

impl Default for Wish {
    fn default() -> Wish {
        Wish { address: None, port: PORT }
    }
}

/// Why there is no vote.
#[derive(Debug, thiserror::Error)]
pub enum NoServer {
    /// There is no address for it.
    #[error("no vote: {0}")]
    Place(#[from] NoPlace),
    /// Something else listens there.
    #[error("no vote: port {} of {} is in use by another program (a presentation that still runs?). Choose another with --vote-port, or any that is free with --vote-port 0", .0.port(), .0.ip())]
    InUse(SocketAddr),
    /// The system does not allow it.
    #[error("no vote: this user may not listen at port {}. Choose one above 1023 with --vote-port", .0.port())]
    NotAllowed(SocketAddr),
    /// Anything else.
    #[error("no vote: cannot listen at {0} ({1})")]
    Other(SocketAddr, io::Error),
    /// The system has no thread, no event loop or no randomness.
    #[error("no vote: {0}")]
    System(io::Error),
}

impl NoServer {
    fn listening(at: SocketAddr, error: io::Error) -> NoServer {
        match error.kind() {
            io::ErrorKind::AddrInUse => NoServer::InUse(at),
            io::ErrorKind::PermissionDenied => NoServer::NotAllowed(at),
            _ => NoServer::Other(at, error),
        }
    }
}

/// A vote that phones reach. When it is dropped nothing listens any more, and every connection is closed.
#[derive(Debug)]
pub struct Server {
    room: Room,
    shown: Vec<SocketAddr>,
    stop: Option<oneshot::Sender<()>>,
    thread: Option<JoinHandle<()>>,
}

impl Server {
    /// Opens a room for phones.
    pub fn start(wish: Wish) -> Result<Server, NoServer> {
        let room = Room::new().map_err(|error| NoServer::System(io::Error::other(error)))?;
        let places = Places::find(wish.address)?;
        let listeners = listen(&places.listen, wish.port)?;
        let port = listeners.first().and_then(|listener| listener.local_addr().ok()).map_or(wish.port, |address| address.port());
        let shown = places.show.iter().map(|&ip| SocketAddr::new(ip, port)).collect();
        let runtime = tokio::runtime::Builder::new_current_thread().enable_io().enable_time().build().map_err(NoServer::System)?;
        let (stop, stopped) = oneshot::channel();
        let house = House::of(room.clone());
        let run = move || {
            runtime.block_on(async {
                for listener in listeners {
                    // It was readied for this; where it fails all the same, the others stay.
                    if let Ok(listener) = tokio::net::TcpListener::from_std(listener) {
                        tokio::spawn(house.clone().welcome(listener));
                    }
                }
                // An error means that nobody is left who could say stop.
                let _ = stopped.await;
            });
        };
        let thread = std::thread::Builder::new().name("vote".to_string()).spawn(run).map_err(NoServer::System)?;
        Ok(Server { room, shown, stop: Some(stop), thread: Some(thread) })
    }

    /// The poll that the phones take part in.
    pub fn room(&self) -> &Room {
        &self.room
    }

    /// Where it is reached, the likeliest first: `192.168.1.20:8460`.
    pub fn addresses(&self) -> &[SocketAddr] {
        &self.shown
    }

    /// What a phone's camera is to read, for one of [`Self::addresses`]. In capital letters, which make the picture smaller and mean
    /// the same.
    pub fn link(&self, address: SocketAddr) -> String {
        format!("HTTP://{address}/{}", self.room.code()).to_uppercase()
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        if let Some(stop) = self.stop.take() {
            // It has stopped by itself where nobody hears this.
            let _ = stop.send(());
        }
        if let Some(thread) = self.thread.take() {
            // A panic of the thread was told when it happened.
            let _ = thread.join();
        }
    }
}

/// Listens at all of these addresses, at one port. An address that has gone in the meantime is left out, if another is there.
fn listen(addresses: &[IpAddr], port: u16) -> Result<Vec<TcpListener>, NoServer> {
    let (mut listeners, mut port, mut gone) = (Vec::new(), port, None);
    for &address in addresses {
        let at = SocketAddr::new(address, port);
        match bound(at) {
            Ok(listener) => {
                port = listener.local_addr().map_or(port, |address| address.port());
                listeners.push(listener);
            }
            Err(error) if error.kind() == io::ErrorKind::AddrNotAvailable => gone = Some(NoServer::listening(at, error)),
            Err(error) => return Err(NoServer::listening(at, error)),
        }
    }
    if listeners.is_empty() { Err(gone.unwrap_or(NoServer::Place(NoPlace::Offline))) } else { Ok(listeners) }
}

fn bound(at: SocketAddr) -> io::Result<TcpListener> {
    let listener = TcpListener::bind(at)?;
    listener.set_nonblocking(true)?;
    Ok(listener)
}

/// Everything that connections share.
#[derive(Clone, Debug)]
struct House {
    room: Room,
    streams: Arc<Semaphore>,
    seats: Seats,
}

impl House {
    fn of(room: Room) -> House {
        House { room, streams: Arc::new(Semaphore::new(NEWS_MAX)), seats: Seats::new() }
    }

    /// Takes in whoever comes.
    async fn welcome(self, listener: tokio::net::TcpListener) {
        loop {
            match listener.accept().await {
                Ok((stream, peer)) => {
                    if let Some(seat) = self.seats.take(peer.ip().to_canonical(), self.room.is_shared()) {
                        tokio::spawn(self.clone().serve(stream, seat));
                    }
                }
                // The system has no room for one more (or one is gone already): the others go on meanwhile.
                Err(_) => sleep(REST).await,
            }
        }
    }

    /// Answers one request. A connection is for one only, and none lives for ever: whoever is slow is gone in time.
    async fn serve(self, stream: TcpStream, seat: Seat) {
        let guest = Guest { room: self.room, from: seat.from, streams: self.streams };
        let mut http = http1::Builder::new();
        http.timer(TokioTimer::new()).header_read_timeout(HEAD_TIME).keep_alive(false).max_headers(HEADERS_MAX).max_buf_size(HEAD_MAX);
        let connection = http.serve_connection(TokioIo::new(stream), TowerToHyperService::new(router(guest)));
        // What goes wrong here goes wrong for this one phone, which sees it and tries again.
        let _ = timeout(LIFE, connection).await;
        drop(seat);
    }
}

#[cfg(test)]
#[path = "server_tests.rs"]
mod tests;
