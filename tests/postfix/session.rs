//! What Postfix is asked: a session with smtpd, a look at a message that it kept, and a question to trivial-rewrite.

use std::io::{BufRead, BufReader, Write};
use std::os::unix::net::UnixStream;
use std::path::Path;
use std::time::{Duration, Instant};

/// Recipients by which open relays are found: outside, and outside dressed up as one of ours.
pub(crate) const RELAY_ATTEMPTS: [&str; 9] = [
    "victim@outside.example",
    "victim%outside.example@fabrikam.example",
    "victim%outside.example@localhost",
    "\"victim@outside.example\"@fabrikam.example",
    "\"victim@outside.example\"",
    "outside.example!victim",
    "outside.example!victim@fabrikam.example",
    "@fabrikam.example:victim@outside.example",
    "victim@[203.0.113.1]",
];

/// A reply to a recipient.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Reply {
    /// The code, such as 250.
    pub code: u16,
    /// All of the last line.
    pub text: String,
}

/// A session with an SMTP server.
pub(crate) struct Session {
    reader: BufReader<UnixStream>,
}

impl Session {
    /// Connects, and says hello as this client.
    pub(crate) fn open(socket: &Path, client: &str) -> Self {
        let mut session = Self {
            reader: BufReader::new(connect(socket)),
        };
        session.expect(220, "the greeting");
        session.send("EHLO client.invalid", 250);
        if client != "127.0.0.1" {
            let address = if client.contains(':') {
                format!("IPV6:{client}")
            } else {
                client.to_owned()
            };
            session.send(&format!("XCLIENT ADDR={address} NAME=[UNAVAILABLE]"), 220);
            session.send("EHLO client.invalid", 250);
        }
        session
    }

    /// Sends one message to these recipients; gives the reply to each and the name of the message where it was taken.
    pub(crate) fn message(
        &mut self,
        sender: &str,
        recipients: &[String],
    ) -> (Vec<Reply>, Option<String>) {
        let mail = self.ask(&mail_from(sender, recipients.iter().map(String::as_str)));
        if mail.code != 250 {
            return (recipients.iter().map(|_| mail.clone()).collect(), None);
        }
        let replies: Vec<Reply> = recipients
            .iter()
            .map(|to| self.ask(&format!("RCPT TO:<{to}>")))
            .collect();
        if !replies.iter().any(|reply| reply.code == 250) {
            self.send("RSET", 250);
            return (replies, None);
        }
        self.send("DATA", 354);
        let done = self.ask("Subject: where does it go\r\n\r\n.");
        let id = done.text.rsplit("queued as ").next();
        assert_eq!(done.code, 250, "{}", done.text);
        (replies, id.map(str::to_owned))
    }

    /// Sends one message with this subject to one recipient; gives the first reply that is no success, else the last.
    pub(crate) fn one(&mut self, sender: &str, recipient: &str, subject: &str) -> Reply {
        for command in [
            mail_from(sender, std::iter::once(recipient)),
            format!("RCPT TO:<{recipient}>"),
            "DATA".to_owned(),
        ] {
            let reply = self.ask(&command);
            if reply.code >= 400 {
                return reply;
            }
        }
        self.ask(&format!("Subject: {subject}\r\n\r\nhello\r\n."))
    }

    /// One command and its reply.
    pub(crate) fn ask(&mut self, command: &str) -> Reply {
        let stream = self.reader.get_mut();
        stream
            .write_all(format!("{command}\r\n").as_bytes())
            .expect("a session");
        self.reply()
    }

    fn send(&mut self, command: &str, code: u16) {
        let reply = self.ask(command);
        assert_eq!(reply.code, code, "{command}: {}", reply.text);
    }

    fn expect(&mut self, code: u16, what: &str) {
        let reply = self.reply();
        assert_eq!(reply.code, code, "{what}: {}", reply.text);
    }

    fn reply(&mut self) -> Reply {
        loop {
            let mut bytes = Vec::new();
            self.reader.read_until(b'\n', &mut bytes).expect("a reply");
            let text = String::from_utf8_lossy(&bytes).trim_end().to_owned();
            if text.as_bytes().get(3) != Some(&b'-') {
                let code = text.get(..3).and_then(|code| code.parse().ok());
                return Reply {
                    code: code.unwrap_or(0),
                    text,
                };
            }
        }
    }
}

/// The command that starts a message, with SMTPUTF8 (RFC 6531) where an address needs it.
fn mail_from<'a>(sender: &'a str, recipients: impl Iterator<Item = &'a str>) -> String {
    let international = recipients
        .chain([sender])
        .any(|address| !address.is_ascii());
    let option = if international { " SMTPUTF8" } else { "" };
    format!("MAIL FROM:<{sender}>{option}")
}

/// The recipients of a kept message: as they were given, and what each became.
pub(crate) fn recipients(message: &Path) -> Vec<(String, String)> {
    let start = Instant::now();
    let bytes = loop {
        match std::fs::read(message) {
            Ok(bytes) => break bytes,
            Err(error) => assert!(
                start.elapsed() < Duration::from_secs(10),
                "{}: {error}",
                message.display()
            ),
        }
        std::thread::sleep(Duration::from_millis(5));
    };
    let mut list = Vec::new();
    let mut original = String::new();
    let mut at = 0;
    // A record is its type, its length in seven bits a byte, low ones first, and its data.
    while let Some(&kind) = bytes.get(at) {
        at += 1;
        let (mut length, mut shift) = (0usize, 0);
        while let Some(&byte) = bytes.get(at) {
            at += 1;
            length |= usize::from(byte & 0x7f) << shift;
            shift += 7;
            if byte & 0x80 == 0 {
                break;
            }
        }
        let data = bytes.get(at..at + length).unwrap_or_default();
        at += length;
        let text = || String::from_utf8_lossy(data).into_owned();
        match kind {
            b'O' => original = text(),
            b'R' => list.push((original.clone(), text())),
            _ => {}
        }
    }
    list
}

/// What trivial-rewrite says of an address.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Resolved {
    /// The service of master.cf.
    pub transport: String,
    /// What it is told.
    pub next_hop: String,
    /// The address class: `local`, `alias`, `mailbox`, `relay` or `default`.
    pub class: &'static str,
}

/// A connection to trivial-rewrite.
pub(crate) struct Rewrite {
    reader: BufReader<UnixStream>,
}

impl Rewrite {
    /// Connects.
    pub(crate) fn open(socket: &Path) -> Self {
        let mut reader = BufReader::new(connect(socket));
        // From 3.6 on the server says first which protocol it speaks.
        reader
            .get_ref()
            .set_read_timeout(Some(Duration::from_secs(20)))
            .expect("a timeout");
        attributes(&mut reader);
        Self { reader }
    }

    /// Where mail of this sender for this address goes.
    pub(crate) fn resolve(&mut self, sender: &str, address: &str) -> Resolved {
        let request = format!("request\0resolve\0sender\0{sender}\0address\0{address}\0\0");
        self.reader
            .get_mut()
            .write_all(request.as_bytes())
            .expect("a request");
        let answer = attributes(&mut self.reader);
        let get = |name: &str| {
            // The state of the answer has the name of the flags too, and comes first.
            let found = answer.iter().rev().find(|(key, _)| key == name);
            found.map(|(_, value)| value.clone()).unwrap_or_default()
        };
        let flags: u32 = get("flags").parse().unwrap_or(0);
        let class = [
            (256, "local"),
            (512, "alias"),
            (1024, "mailbox"),
            (2048, "relay"),
            (4096, "default"),
        ]
        .into_iter()
        .find(|(bit, _)| flags & bit != 0)
        .map_or("none", |(_, name)| name);
        Resolved {
            transport: get("transport"),
            next_hop: get("nexthop"),
            class,
        }
    }
}

fn attributes(reader: &mut impl BufRead) -> Vec<(String, String)> {
    let mut list = Vec::new();
    loop {
        let name = word(reader);
        if name.is_empty() {
            return list;
        }
        list.push((name, word(reader)));
    }
}

fn word(reader: &mut impl BufRead) -> String {
    let mut bytes = Vec::new();
    reader.read_until(0, &mut bytes).expect("an answer");
    assert_eq!(bytes.pop(), Some(0), "the answer is cut short");
    String::from_utf8_lossy(&bytes).into_owned()
}

fn connect(socket: &Path) -> UnixStream {
    let start = Instant::now();
    loop {
        match UnixStream::connect(socket) {
            Ok(stream) => {
                // A service that does not start takes connections and never answers.
                let waits = stream.set_read_timeout(Some(Duration::from_secs(50)));
                waits.expect("a time to wait");
                return stream;
            }
            Err(error) => assert!(
                start.elapsed() < Duration::from_secs(20),
                "{}: {error}",
                socket.display()
            ),
        }
        std::thread::sleep(Duration::from_millis(10));
    }
}
