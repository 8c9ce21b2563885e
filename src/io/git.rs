//! The files of a spec in a revision of the user's git repository, without a checkout.

use crate::io::Failure;
use crate::source::Files;
use std::io::Write as _;
use std::process::{Command, Stdio};

/// Reads files below a folder of a revision.
#[derive(Clone, Debug)]
pub(crate) struct GitFiles {
    revision: String,
    folder: String,
}

impl GitFiles {
    /// The files of `folder`, which counts from the root of the repository; `./` before it, from the current folder.
    pub(crate) fn new(revision: &str, folder: &str) -> Result<Self, Failure> {
        if revision.is_empty() || revision.contains(['\n', ':']) || folder.contains('\n') {
            return Err(Failure::new(
                format!("`git:{revision}:{folder}` names no revision"),
                "write `git:REV:PATH`, such as `git:main:mailtopo.yaml`",
            ));
        }
        let folder = match folder
            .strip_prefix('.')
            .filter(|rest| rest.is_empty() || rest.starts_with('/'))
        {
            Some(rest) => {
                let prefix = ask(&["rev-parse", "--show-prefix"], b"")
                    .map_err(|why| Failure::new(why, "run mailtopo inside of the repository"))?;
                let prefix = String::from_utf8_lossy(&prefix).trim_end().to_owned();
                format!("{prefix}{}", rest.trim_start_matches('/'))
            }
            None => folder.to_owned(),
        };
        Ok(Self {
            revision: revision.to_owned(),
            folder: folder.trim_matches('/').to_owned(),
        })
    }
}

impl Files for GitFiles {
    fn read(&self, path: &str) -> Result<Vec<u8>, String> {
        let parts: Vec<&str> = path.split('/').collect();
        if path.contains(['\n', '\0']) || parts.iter().any(|part| matches!(*part, "" | "." | ".."))
        {
            return Err("the file is outside of the folder of the spec".to_owned());
        }
        let path = match self.folder.as_str() {
            "" => path.to_owned(),
            folder => format!("{folder}/{path}"),
        };
        let name = format!("{}:{path}\n", self.revision);
        // Links are followed inside of the revision; what leads out of it is not read.
        let answer = ask(
            &["cat-file", "--batch", "--follow-symlinks"],
            name.as_bytes(),
        )?;
        let end = answer
            .iter()
            .position(|&byte| byte == b'\n')
            .unwrap_or(answer.len());
        let (head, rest) = answer.split_at(end);
        let head = String::from_utf8_lossy(head);
        let words: Vec<&str> = head.split(' ').collect();
        match words.as_slice() {
            [_, "blob", size] => {
                let size: usize = size
                    .parse()
                    .map_err(|_| "git said nothing readable".to_owned())?;
                let bytes = rest.get(1..=size);
                bytes
                    .map(<[u8]>::to_vec)
                    .ok_or_else(|| "git gave a part of the file only".to_owned())
            }
            [_, "tree", _] => Err("this is a folder".to_owned()),
            _ => Err(format!(
                "there is no such file in revision `{}`, or no such revision: a shallow clone has only the newest",
                self.revision
            )),
        }
    }
}

/// What git says to a question on standard input. Nothing is fetched from anywhere.
fn ask(args: &[&str], input: &[u8]) -> Result<Vec<u8>, String> {
    let mut child = Command::new("git")
        .args(args)
        .env("GIT_NO_LAZY_FETCH", "1")
        .env("GIT_TERMINAL_PROMPT", "0")
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .map_err(|error| format!("git cannot be started: {error}"))?;
    if let Some(mut stdin) = child.stdin.take() {
        // Where git does not listen it says why below.
        _ = stdin.write_all(input);
    }
    let output = child
        .wait_with_output()
        .map_err(|error| format!("git cannot be asked: {error}"))?;
    if !output.status.success() {
        let why = String::from_utf8_lossy(&output.stderr);
        return Err(format!("git says: {}", why.trim()));
    }
    Ok(output.stdout)
}
