//! Finding and opening the spec that a command is about.

use crate::cli::failure::Failure;
use crate::compile::Input;
use crate::io::{DiskFiles, GitFiles};
use crate::report::Base;
use crate::source::Files;
use std::env;
use std::fs::{self, File};
use std::io::{ErrorKind, Read, stdin};
use std::path::{Path, PathBuf};

/// The name that is looked for where none is given.
const DEFAULT: &str = "mailtopo.yaml";

/// The largest main document, in octets: what a span can hold is four times as much.
const LARGEST: u64 = 1 << 30;

/// A spec that was found.
pub(super) struct Spec {
    /// As the user would name it from where they are.
    pub shown: String,
    /// The folder that the names of all files are relative to.
    pub folder: PathBuf,
    name: String,
    bytes: Vec<u8>,
    files: Box<dyn Files>,
}

impl Spec {
    /// What the library reads.
    pub(super) fn input(&self) -> Input<'_> {
        Input {
            name: &self.name,
            bytes: &self.bytes,
            files: self.files.as_ref(),
        }
    }
}

/// Opens the spec: as named, from standard input with `-`, or the nearest `mailtopo.yaml` above.
pub(super) fn open(named: Option<&Path>) -> Result<Spec, Failure> {
    match named {
        Some(path) if path == Path::new("-") => from_stdin(),
        Some(path) => from_file(path),
        None => from_file(&search()?),
    }
}

/// Opens one side of a comparison: a spec, a folder that holds one, or `git:REV:PATH`.
pub(crate) fn open_side(named: &str) -> Result<Spec, Failure> {
    if let Some((revision, path)) = named.strip_prefix("git:").and_then(|at| at.split_once(':')) {
        // A folder holds a spec under its usual name, as on disk.
        let folder = path.trim_end_matches('/');
        let inside = match folder {
            "" | "." => DEFAULT.to_owned(),
            folder => format!("{folder}/{DEFAULT}"),
        };
        return from_git(named, revision, path)
            .or_else(|failure| from_git(named, revision, &inside).map_err(|_| failure));
    }
    let path = Path::new(named);
    if path.is_dir() {
        return from_file(&path.join(DEFAULT));
    }
    open(Some(path))
}

fn from_git(shown: &str, revision: &str, path: &str) -> Result<Spec, Failure> {
    let (folder, name) = path.rsplit_once('/').unwrap_or(("", path));
    let files = GitFiles::new(revision, folder)?;
    let bytes = files
        .read(name)
        .map_err(|why| Failure::new(format!("cannot read `{shown}`: {why}")))?;
    Ok(Spec {
        shown: shown.to_owned(),
        folder: PathBuf::new(),
        name: name.to_owned(),
        bytes,
        files: Box::new(files),
    })
}

fn from_stdin() -> Result<Spec, Failure> {
    let bytes = read(stdin().lock(), "standard input")?;
    Ok(Spec {
        shown: "-".to_owned(),
        folder: PathBuf::new(),
        name: "-".to_owned(),
        bytes,
        files: Box::new(DiskFiles::new(Path::new("."))?),
    })
}

fn from_file(path: &Path) -> Result<Spec, Failure> {
    let shown = path.to_string_lossy().into_owned();
    if path.is_dir() {
        let inside = path.join(DEFAULT);
        let failure = Failure::new(format!("`{shown}` is a folder, not a spec"));
        return Err(if inside.is_file() {
            failure.help(format!("name the file in it: `{}`", inside.display()))
        } else {
            failure
        });
    }
    let file = File::open(path).map_err(|error| cannot_open(path, &error))?;
    let bytes = read(file, &format!("`{shown}`"))?;
    let folder = path.parent().unwrap_or(Path::new(""));
    let name = path.file_name().unwrap_or(path.as_os_str());
    Ok(Spec {
        name: name.to_string_lossy().into_owned(),
        bytes,
        files: Box::new(DiskFiles::new(folder)?),
        folder: folder.to_owned(),
        shown,
    })
}

fn read(from: impl Read, what: &str) -> Result<Vec<u8>, Failure> {
    let mut bytes = Vec::new();
    from.take(LARGEST + 1)
        .read_to_end(&mut bytes)
        .map_err(|error| Failure::new(format!("cannot read {what}: {error}")))?;
    if bytes.len() as u64 > LARGEST {
        return Err(
            Failure::new(format!("{what} is larger than {} MB", LARGEST >> 20))
                .help("move long lists into files of their own, and name them with `{file: F}`"),
        );
    }
    Ok(bytes)
}

fn cannot_open(path: &Path, error: &std::io::Error) -> Failure {
    let shown = path.display();
    if error.kind() != ErrorKind::NotFound {
        return Failure::new(format!("cannot read `{shown}`: {error}"));
    }
    let failure = Failure::new(format!("there is no file `{shown}`"));
    match neighbour(path) {
        Some(near) => failure.help(format!("did you mean `{}`?", near.display())),
        None => failure,
    }
}

/// A file of the same folder whose name is nearly the one asked for.
fn neighbour(path: &Path) -> Option<PathBuf> {
    let folder = match path.parent() {
        Some(folder) if !folder.as_os_str().is_empty() => folder,
        _ => Path::new("."),
    };
    let mut names: Vec<String> = fs::read_dir(folder)
        .ok()?
        .filter_map(|entry| {
            let entry = entry.ok()?;
            let is_file = entry.file_type().ok()?.is_file();
            entry.file_name().into_string().ok().filter(|_| is_file)
        })
        .collect();
    names.sort();
    let wanted = path.file_name()?.to_str()?;
    let near = crate::finding::nearest(wanted, names.iter().map(String::as_str))?;
    Some(path.with_file_name(near))
}

/// Where the current folder is in the user's repository; nothing where it is in none.
pub(super) fn base() -> Base {
    let Ok(here) = env::current_dir() else {
        return Base::default();
    };
    let root = here.ancestors().find(|folder| folder.join(".git").exists());
    let Some(root) = root else {
        return Base::default();
    };
    let shown = |path: &Path| path.to_string_lossy().replace('\\', "/");
    Base {
        here: here.strip_prefix(root).map(shown).unwrap_or_default(),
        root: shown(root),
    }
}

/// The nearest `mailtopo.yaml` in this folder or above it, named relative to this folder. The root of a repository is
/// the last folder that is looked at.
fn search() -> Result<PathBuf, Failure> {
    let here = env::current_dir()
        .map_err(|error| Failure::new(format!("cannot find the current folder: {error}")))?;
    let mut relative = PathBuf::new();
    for folder in here.ancestors() {
        if folder.join(DEFAULT).is_file() {
            return Ok(relative.join(DEFAULT));
        }
        // In a linked work tree `.git` is a file.
        if folder.join(".git").exists() {
            break;
        }
        relative.push("..");
    }
    Err(Failure::new(format!(
        "there is no `{DEFAULT}` here, nor in a folder above up to the root of the repository"
    ))
    .help("name the spec, or `-` for standard input"))
}
