//! A browser of the tests: it keeps the cookie, follows nothing, and shows what came.

use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::{IpAddr, Ipv4Addr, SocketAddr, TcpStream};
use std::time::Duration;

use super::server::{Server, Wish};

/// A server for this machine alone.
pub(crate) fn server() -> Server {
    Server::start(Wish { address: Some(Ipv4Addr::LOCALHOST.into()), port: 0 }).unwrap()
}

/// Where a server of [`server`] is.
pub(crate) fn at(server: &Server) -> SocketAddr {
    server.addresses()[0]
}

/// What came.
#[derive(Debug)]
pub(crate) struct Answer {
    pub(crate) status: u16,
    pub(crate) head: String,
    pub(crate) body: String,
}

impl Answer {
    /// Reads to the end; `None`: the connection was closed without a word.
    pub(crate) fn read(stream: &mut TcpStream) -> Option<Answer> {
        let mut bytes = Vec::new();
        // A server that refuses an endless body may reset the connection after its answer.
        let _ = stream.read_to_end(&mut bytes);
        let text = String::from_utf8(bytes).unwrap();
        let (head, body) = text.split_once("\r\n\r\n")?;
        let status = head.split(' ').nth(1)?.parse().ok()?;
        Some(Answer { status, head: head.to_lowercase(), body: body.to_string() })
    }

    pub(crate) fn header(&self, name: &str) -> Option<&str> {
        self.head.lines().find_map(|line| line.strip_prefix(&format!("{name}: ")))
    }
}

/// A connection, from this address of the loopback network where one is named.
pub(crate) fn connect(to: SocketAddr, from: Option<IpAddr>) -> TcpStream {
    let stream = match from {
        None => TcpStream::connect(to).unwrap(),
        Some(from) => {
            let runtime = tokio::runtime::Builder::new_current_thread().enable_io().build().unwrap();
            let stream = runtime.block_on(async {
                let socket = tokio::net::TcpSocket::new_v4().unwrap();
                socket.bind(SocketAddr::new(from, 0)).unwrap();
                socket.connect(to).await.unwrap().into_std().unwrap()
            });
            stream.set_nonblocking(false).unwrap();
            stream
        }
    };
    stream.set_read_timeout(Some(Duration::from_secs(30))).unwrap();
    stream
}

/// A browser on a phone.
#[derive(Clone, Debug)]
pub(crate) struct Browser {
    pub(crate) to: SocketAddr,
    pub(crate) code: String,
    pub(crate) from: Option<IpAddr>,
    pub(crate) cookie: Option<String>,
}

impl Browser {
    pub(crate) fn new(server: &Server) -> Browser {
        Browser { to: at(server), code: server.room().code().to_string(), from: None, cookie: None }
    }

    /// A phone of its own address, which Linux lets a test have; elsewhere all are at one.
    pub(crate) fn apart(server: &Server, n: u16) -> Browser {
        let [high, low] = n.to_be_bytes();
        let from = cfg!(target_os = "linux").then_some(IpAddr::V4(Ipv4Addr::new(127, 1, high, low)));
        Browser { from, ..Browser::new(server) }
    }

    /// One that came in.
    pub(crate) fn inside(mut self) -> Browser {
        assert!(self.get(&format!("/{}?in", self.code)).body.contains("id=\"state\""));
        assert!(self.cookie.is_some());
        self
    }

    /// What is sent before the body.
    fn head(&self, first: &str, more: &str) -> String {
        let cookie = self.cookie.as_ref().map_or(String::new(), |cookie| format!("Cookie: {cookie}\r\n"));
        format!("{first} HTTP/1.1\r\nHost: {}\r\n{cookie}{more}\r\n", self.to)
    }

    /// Sends anything, and reads what comes.
    pub(crate) fn raw(&self, text: &str) -> Option<Answer> {
        let mut stream = connect(self.to, self.from);
        // A server that has heard enough does not read the rest.
        let _ = stream.write_all(text.as_bytes());
        Answer::read(&mut stream)
    }

    pub(crate) fn ask(&self, method: &str, path: &str, more: &str) -> Answer {
        self.raw(&self.head(&format!("{method} {path}"), more)).unwrap()
    }

    pub(crate) fn get(&mut self, path: &str) -> Answer {
        let answer = self.ask("GET", path, "");
        if let Some(cookie) = answer.header("set-cookie") {
            self.cookie = cookie.split(';').next().map(str::to_string);
        }
        answer
    }

    pub(crate) fn page(&mut self) -> String {
        self.get(&format!("/{}", self.code)).body
    }

    pub(crate) fn post(&self, path: &str, body: &str, more: &str) -> Answer {
        let more = format!("Content-Type: application/x-www-form-urlencoded\r\nContent-Length: {}\r\n{more}", body.len());
        self.raw(&format!("{}{body}", self.head(&format!("POST {path}"), &more))).unwrap()
    }

    /// Votes as the script does.
    pub(crate) fn vote(&self, round: u32, choice: usize) -> Answer {
        self.post(&format!("/{}", self.code), &format!("round={round}&choice={choice}"), "x-part: 1\r\n")
    }

    /// Waits for news.
    pub(crate) fn listen(&self) -> News {
        let mut stream = connect(self.to, self.from);
        stream.write_all(self.head(&format!("GET /{}/news", self.code), "").as_bytes()).unwrap();
        let mut lines = BufReader::new(stream);
        let mut first = String::new();
        lines.read_line(&mut first).unwrap();
        assert!(first.starts_with("HTTP/1.1 200"), "{first}");
        News { lines }
    }
}

/// News as they come.
pub(crate) struct News {
    lines: BufReader<TcpStream>,
}

impl News {
    /// The next event; `None`: there is no more.
    pub(crate) fn next(&mut self) -> Option<String> {
        let mut text = String::new();
        loop {
            let mut line = String::new();
            if self.lines.read_line(&mut line).unwrap_or(0) == 0 {
                return None;
            }
            match line.strip_prefix("data:") {
                Some(data) => text.push_str(data.strip_prefix(' ').unwrap_or(data)),
                None if line == "\n" && !text.is_empty() => return Some(text),
                None => {}
            }
        }
    }

    /// The line that is always in sight, of the next event.
    pub(crate) fn state(&mut self) -> String {
        let text = self.next().unwrap();
        let start = text.split_once("data-at=\"").unwrap().1.split_once("\">").unwrap().1;
        start.split_once("</p>").unwrap().0.to_string()
    }
}
