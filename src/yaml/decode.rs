//! Bytes of a file to its text.

use crate::finding::{Code, Finding, Findings};
use crate::source::{FileId, Sources, Span};

/// Adds a file with its text. Bytes that are no UTF-8, and NUL characters, are findings (S021); then `None` comes back,
/// and the file stands there with the readable part of its text.
pub fn add_file(
    sources: &mut Sources,
    name: &str,
    bytes: Vec<u8>,
    findings: &mut Findings,
) -> Option<FileId> {
    let (text, fault) = decode(bytes);
    let file = sources.add(name, text);
    let Some(Fault { offset, what, help }) = fault else {
        return Some(file);
    };
    let at = u32::try_from(offset).unwrap_or(u32::MAX);
    let span = Span::new(file, at, at);
    let line = sources.place(span).line;
    findings.push(
        Finding::error(
            Code::S021,
            format!("`{name}` {what} at byte {offset}, line {line}"),
        )
        .at(span, "here")
        .help(help),
    );
    None
}

struct Fault {
    offset: usize,
    what: String,
    help: &'static str,
}

fn decode(bytes: Vec<u8>) -> (String, Option<Fault>) {
    if let [0xff, 0xfe, ..] | [0xfe, 0xff, ..] = *bytes {
        return (
            String::new(),
            Some(Fault {
                offset: 0,
                what: "is UTF-16, not UTF-8: its byte-order mark stands".to_owned(),
                help: "save the file as UTF-8",
            }),
        );
    }
    let text = match String::from_utf8(bytes) {
        Ok(text) => text,
        Err(error) => {
            let offset = error.utf8_error().valid_up_to();
            let mut bytes = error.into_bytes();
            let byte = bytes.get(offset).copied().unwrap_or_default();
            bytes.truncate(offset);
            return (
                String::from_utf8_lossy(&bytes).into_owned(),
                Some(Fault {
                    offset,
                    what: format!("is not UTF-8: byte 0x{byte:02X} stands"),
                    help: "save the file as UTF-8",
                }),
            );
        }
    };
    let fault = text.find('\0').map(|offset| Fault {
        offset,
        what: "holds a NUL character".to_owned(),
        help: "remove it; a text file has none",
    });
    (text, fault)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_the_byte_and_the_line() {
        for (bytes, message) in [
            (
                &b"a: 1\nb: \xe4\n"[..],
                Some("`x` is not UTF-8: byte 0xE4 stands at byte 8, line 2"),
            ),
            (
                b"a: \0",
                Some("`x` holds a NUL character at byte 3, line 1"),
            ),
            (
                b"\xff\xfea\0",
                Some("`x` is UTF-16, not UTF-8: its byte-order mark stands at byte 0, line 1"),
            ),
            (b"\xef\xbb\xbfa: 1\r\n", None),
        ] {
            let (mut sources, mut findings) = (Sources::default(), Findings::default());
            let file = add_file(&mut sources, "x", bytes.to_vec(), &mut findings);
            assert_eq!(file.is_some(), message.is_none());
            let found: Vec<_> = findings
                .iter()
                .map(|f| (f.check, f.message.as_str()))
                .collect();
            let expected: Vec<_> = message
                .iter()
                .map(|message| (Code::S021, *message))
                .collect();
            assert_eq!(found, expected);
        }
    }
}
