//! The files that a spec names.

use crate::source::Files;
use std::fs::{self, File};
use std::io::{Error, ErrorKind, Read as _};
use std::path::{Path, PathBuf};

/// The largest file that is read, in octets. A list of ten million addresses is a third of it.
const LARGEST: u64 = 1 << 30;

/// Reads files below the folder of the main spec, and no others, wherever links lead.
#[derive(Clone, Debug)]
pub struct DiskFiles {
    root: PathBuf,
    largest: u64,
}

impl DiskFiles {
    /// Files below `root`, which must be there.
    pub fn new(root: &Path) -> Result<Self, crate::io::Failure> {
        let root = if root.as_os_str().is_empty() {
            Path::new(".")
        } else {
            root
        };
        let root = fs::canonicalize(root)
            .map_err(|error| crate::io::Failure::system("find", root, &error))?;
        Ok(Self {
            root,
            largest: LARGEST,
        })
    }
}

impl Files for DiskFiles {
    fn read(&self, path: &str) -> Result<Vec<u8>, String> {
        let real = fs::canonicalize(self.root.join(path)).map_err(|error| tell(&error))?;
        if !real.starts_with(&self.root) {
            return Err("the file is outside of the folder of the spec".to_owned());
        }
        // Opening a pipe waits for somebody to write to it, so the kind is looked at before.
        let kind = fs::metadata(&real)
            .map_err(|error| tell(&error))?
            .file_type();
        if kind.is_dir() {
            return Err("this is a folder".to_owned());
        }
        if !kind.is_file() {
            return Err("this is a device or a pipe, not a file".to_owned());
        }
        let file = File::open(&real).map_err(|error| tell(&error))?;
        let mut bytes = Vec::new();
        file.take(self.largest + 1)
            .read_to_end(&mut bytes)
            .map_err(|error| tell(&error))?;
        if bytes.len() as u64 > self.largest {
            return Err(format!("the file is larger than {} MB", self.largest >> 20));
        }
        Ok(bytes)
    }
}

fn tell(error: &Error) -> String {
    match error.kind() {
        ErrorKind::NotFound | ErrorKind::NotADirectory => "there is no such file".to_owned(),
        ErrorKind::PermissionDenied => "the file may not be read".to_owned(),
        _ => format!("the file cannot be read: {error}"),
    }
}

#[cfg(test)]
mod tests {
    use super::DiskFiles;
    use crate::source::Files;
    use std::fs;

    #[test]
    fn files_of_the_folder_are_read_and_no_others() {
        let dir = tempfile::tempdir().expect("a folder");
        let root = dir.path().join("spec");
        fs::create_dir_all(root.join("lists")).expect("a folder");
        fs::write(root.join("lists/a.txt"), "a").expect("a file");
        fs::write(root.join("big"), "12345").expect("a file");
        fs::write(dir.path().join("secret"), "s").expect("a file");
        let mut files = DiskFiles::new(&root).expect("the folder is there");
        files.largest = 4;
        assert_eq!(files.read("lists/a.txt"), Ok(b"a".to_vec()));
        let outside = dir.path().join("secret");
        for (path, why) in [
            ("none", "no such file"),
            ("lists/a.txt/b", "no such file"),
            ("lists", "a folder"),
            ("../secret", "outside"),
            (outside.to_str().expect("UTF-8"), "outside"),
            ("big", "larger"),
            ("a\0b", "cannot be read"),
        ] {
            let refused = files.read(path).expect_err(path);
            assert!(refused.contains(why), "{path}: {refused}");
        }
        assert!(DiskFiles::new(&dir.path().join("none")).is_err());
    }

    #[cfg(unix)]
    #[test]
    fn links_devices_and_pipes() {
        use std::os::unix::fs::symlink;
        let dir = tempfile::tempdir().expect("a folder");
        let root = dir.path().join("spec");
        fs::create_dir_all(&root).expect("a folder");
        fs::write(root.join("a"), "a").expect("a file");
        symlink("a", root.join("inside")).expect("a link");
        fs::write(dir.path().join("secret"), "s").expect("a file");
        symlink("../secret", root.join("outside")).expect("a link");
        symlink("/dev/zero", root.join("device")).expect("a link");
        symlink("..", root.join("up")).expect("a link");
        symlink("circle", root.join("circle")).expect("a link");
        let made = std::process::Command::new("mkfifo")
            .arg(root.join("pipe"))
            .status()
            .expect("mkfifo runs");
        assert!(made.success());
        let files = DiskFiles::new(&root).expect("the folder is there");
        assert_eq!(files.read("inside"), Ok(b"a".to_vec()));
        assert_eq!(files.read("up/spec/a"), Ok(b"a".to_vec()));
        for (path, why) in [
            ("outside", "outside"),
            ("device", "outside"),
            ("up", "outside"),
            ("pipe", "pipe"),
            ("circle", "cannot be read"),
        ] {
            let refused = files.read(path).expect_err(path);
            assert!(refused.contains(why), "{path}: {refused}");
        }
    }
}
