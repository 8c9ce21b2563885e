//! An output takes its place as a whole or not at all: killed runs, full disks, people's edits.

use mailtopo::testing::io::{Options, Swap, Written, write};
use mailtopo::testing::output::{MANIFEST, Manifest, OutputTree, Sealed, sha256};
use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::Duration;
use tempfile::TempDir;

/// An output whose every file tells its generation; `padding` octets each.
fn generation(number: usize, padding: usize) -> Sealed {
    let mut tree = OutputTree::default();
    for at in 0..12 {
        let text = format!("{number}\n{}", "x".repeat(padding));
        tree.insert(&format!("dns/{}/{at}.zone", at % 3), text)
            .expect("a good path");
    }
    tree.insert("relay/install.sh", "#!/bin/sh\n")
        .expect("a good path");
    // Files that every generation has as they are.
    for at in 0..4 {
        tree.insert(&format!("kept/{at}.zone"), at.to_string())
            .expect("a good path");
    }
    // A file that only every other generation has.
    if number % 2 == 1 {
        tree.insert("odd/only.txt", format!("{number}\n"))
            .expect("a good path");
    }
    tree.seal(&number.to_string())
}

/// A folder for one test, and the folder of the output in it.
fn place() -> (TempDir, PathBuf) {
    let dir = tempfile::tempdir().expect("a folder");
    let out = dir.path().join("out");
    (dir, out)
}

fn put(out: &Path, output: &Sealed) -> Result<Written, String> {
    write(out, output, Options::default()).map_err(|failure| failure.to_string())
}

fn force(out: &Path, output: &Sealed) -> Result<Written, String> {
    let options = Options {
        force: true,
        ..Options::default()
    };
    write(out, output, options).map_err(|failure| failure.to_string())
}

const REPLACED: Result<Written, String> = Ok(Written::Replaced { left: None });

/// All files below `root` with their bytes.
fn contents(root: &Path) -> BTreeMap<String, Vec<u8>> {
    let mut found = BTreeMap::new();
    let mut folders = vec![root.to_path_buf()];
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(folder).expect("a folder") {
            let path = entry.expect("an entry").path();
            if path.is_dir() {
                folders.push(path);
            } else {
                let name = path
                    .strip_prefix(root)
                    .expect("below")
                    .to_str()
                    .expect("UTF-8")
                    .replace('\\', "/");
                found.insert(name, fs::read(&path).expect("a file"));
            }
        }
    }
    found
}

fn names(dir: &Path) -> Vec<String> {
    let name = |entry: std::io::Result<fs::DirEntry>| {
        entry
            .expect("an entry")
            .file_name()
            .into_string()
            .expect("UTF-8")
    };
    let mut names: Vec<_> = fs::read_dir(dir).expect("a folder").map(name).collect();
    names.sort();
    names
}

fn assert_holds(out: &Path, output: &Sealed) {
    let wanted = output
        .iter()
        .map(|(path, bytes)| (path.to_owned(), bytes.to_vec()))
        .collect();
    assert_eq!(contents(out), wanted);
}

/// The generation of a whole output; panics where its files are not of one.
fn whole(root: &Path) -> String {
    let found = contents(root);
    let manifest = Manifest::read(&found[MANIFEST]).expect("a whole manifest");
    assert_eq!(found.len(), manifest.files.len() + 1, "{}", root.display());
    for (path, hash) in &manifest.files {
        assert_eq!(*hash, sha256(&found[path]), "{path}");
    }
    manifest.topology
}

#[test]
fn a_new_output_in_a_new_or_empty_folder() {
    let (dir, out) = place();
    assert_eq!(put(&out, &generation(1, 0)), REPLACED);
    assert_holds(&out, &generation(1, 0));
    assert_eq!(names(dir.path()), ["out"]);
    let empty = dir.path().join("empty");
    fs::create_dir(&empty).expect("a folder");
    assert_eq!(put(&empty, &generation(1, 0)), REPLACED);
    assert_holds(&empty, &generation(1, 0));
    let deep = dir.path().join("a/b/c/");
    assert_eq!(put(&deep, &generation(1, 0)), REPLACED);
    assert_holds(&deep, &generation(1, 0));
}

#[test]
fn a_later_output_takes_the_place_of_an_earlier() {
    for swap in [Swap::Exchange, Swap::Renames] {
        let (dir, out) = place();
        for number in [1, 2, 3] {
            let options = Options { force: false, swap };
            assert_eq!(
                write(&out, &generation(number, 0), options),
                Ok(Written::Replaced { left: None })
            );
            assert_holds(&out, &generation(number, 0));
            assert_eq!(names(dir.path()), ["out"]);
        }
    }
}

#[test]
fn many_files_are_flushed_together() {
    let mut tree = OutputTree::default();
    for at in 0..1000 {
        tree.insert(&format!("dns/{at}.zone"), at.to_string())
            .expect("a good path");
    }
    let output = tree.seal("many");
    let (_dir, out) = place();
    assert_eq!(put(&out, &output), REPLACED);
    assert_holds(&out, &output);
}

/// Files that stay as they are keep their place on the disk. One that somebody gave a second name is made anew, as everything
/// is where the system refuses links: an edit of the one must never be an edit of the other.
#[cfg(unix)]
#[test]
fn files_that_stay_are_linked_where_they_have_one_name() {
    use std::os::unix::fs::MetadataExt as _;
    for swap in [Swap::Exchange, Swap::Renames] {
        let (dir, out) = place();
        let options = Options { force: false, swap };
        let inode = |at: usize| {
            let path = out.join(format!("kept/{at}.zone"));
            let found = fs::symlink_metadata(path).expect("a file");
            assert_eq!(found.nlink(), 1, "{at}");
            found.ino()
        };
        write(&out, &generation(1, 0), options).expect("written");
        let before: Vec<u64> = (0..4).map(inode).collect();
        let other = dir.path().join("mine");
        fs::hard_link(out.join("kept/0.zone"), &other).expect("a link");
        write(&out, &generation(2, 0), options).expect("written");
        let after: Vec<u64> = (0..4).map(inode).collect();
        assert_ne!(before[0], after[0]);
        assert_eq!(before[1..], after[1..]);
        fs::write(&other, "edited").expect("written");
        assert_holds(&out, &generation(2, 0));
    }
}

#[test]
fn the_same_output_touches_nothing() {
    let (dir, out) = place();
    let times = || -> Vec<_> {
        let paths = contents(&out)
            .into_keys()
            .map(|path| out.join(path))
            .chain([out.clone(), out.join("dns")]);
        paths
            .map(|path| {
                (
                    fs::metadata(&path)
                        .and_then(|found| found.modified())
                        .expect("a time"),
                    path,
                )
            })
            .collect()
    };
    put(&out, &generation(1, 0)).expect("written");
    let before = times();
    std::thread::sleep(Duration::from_millis(20));
    assert_eq!(put(&out, &generation(1, 0)), Ok(Written::Unchanged));
    assert_eq!(times(), before);
    assert_eq!(names(dir.path()), ["out"]);
}

#[test]
fn what_people_did_is_listed_and_kept_unless_forced() {
    let (_dir, out) = place();
    put(&out, &generation(1, 0)).expect("written");
    fs::write(out.join("dns/0/0.zone"), "mine\n").expect("a file");
    fs::write(out.join("dns/1/1.zone"), "1\r\n").expect("a file");
    fs::remove_file(out.join("dns/2/2.zone")).expect("a file");
    fs::write(out.join("notes.txt"), "mine\n").expect("a file");
    fs::create_dir_all(out.join(".git/objects")).expect("a folder");
    fs::write(out.join(".git/config"), "mine\n").expect("a file");
    fs::create_dir_all(out.join("empty")).expect("a folder");
    fs::write(out.join("dns/.DS_Store"), "noise").expect("a file");
    let before = contents(&out);
    let refused = put(&out, &generation(2, 0)).expect_err("somebody's work");
    for line in [
        "edited: dns/0/0.zone",
        "line ends changed: dns/1/1.zone",
        "removed: dns/2/2.zone",
        "not written by mailtopo: notes.txt",
        "not written by mailtopo: .git/",
        "`--force`",
    ] {
        assert!(refused.contains(line), "{line} is not in {refused}");
    }
    for silent in ["empty", ".DS_Store", "dns/0/3.zone", MANIFEST] {
        assert!(!refused.contains(silent), "{silent} is in {refused}");
    }
    assert_eq!(contents(&out), before);
    assert_eq!(force(&out, &generation(2, 0)), REPLACED);
    assert_holds(&out, &generation(2, 0));
}

#[test]
fn changed_line_ends_alone_name_the_cure() {
    let (_dir, out) = place();
    put(&out, &generation(1, 0)).expect("written");
    fs::write(out.join("relay/install.sh"), "#!/bin/sh\r\n").expect("a file");
    let refused = put(&out, &generation(2, 0)).expect_err("changed");
    assert!(refused.contains(".gitattributes"), "{refused}");
}

#[test]
fn long_lists_are_cut() {
    let (_dir, out) = place();
    put(&out, &generation(1, 0)).expect("written");
    for at in 0..40 {
        fs::write(out.join(format!("{at}.txt")), "mine").expect("a file");
    }
    let refused = put(&out, &generation(2, 0)).expect_err("changed");
    assert!(refused.contains("30 more"), "{refused}");
}

#[test]
fn folders_that_are_no_output_are_never_overwritten() {
    let (dir, out) = place();
    fs::create_dir(&out).expect("a folder");
    fs::write(out.join("thesis.txt"), "mine").expect("a file");
    assert!(
        put(&out, &generation(1, 0))
            .expect_err("not ours")
            .contains("not empty")
    );
    assert!(
        force(&out, &generation(1, 0))
            .expect_err("not ours")
            .contains("not empty")
    );
    fs::write(out.join(MANIFEST), "{\"name\": \"web app\"}").expect("a file");
    assert!(
        force(&out, &generation(1, 0))
            .expect_err("not ours")
            .contains("not a manifest")
    );
    assert_eq!(names(&out), [MANIFEST, "thesis.txt"]);
    let file = dir.path().join("file");
    fs::write(&file, "mine").expect("a file");
    assert!(
        force(&file, &generation(1, 0))
            .expect_err("a file")
            .contains("is a file")
    );
    let here = std::env::current_dir().expect("a folder");
    for path in [
        Path::new("/"),
        Path::new("."),
        Path::new(".."),
        Path::new("src/.."),
        Path::new(""),
        &here,
    ] {
        let refused = force(path, &generation(1, 0)).expect_err("as a whole");
        assert!(refused.contains("as a whole"), "{path:?}: {refused}");
    }
    assert_eq!(names(dir.path()), ["file", "out"]);
}

#[cfg(unix)]
#[test]
fn links_are_not_followed() {
    use std::os::unix::fs::symlink;
    let (dir, out) = place();
    let link = dir.path().join("link");
    put(&out, &generation(1, 0)).expect("written");
    symlink("out", &link).expect("a link");
    let refused = force(&link, &generation(2, 0)).expect_err("a link");
    assert!(
        refused.contains("symbolic link") && refused.contains("/out`"),
        "{refused}"
    );
    assert_holds(&out, &generation(1, 0));

    let outside = dir.path().join("outside");
    fs::create_dir(&outside).expect("a folder");
    fs::write(outside.join("mine.txt"), "mine").expect("a file");
    symlink(&outside, out.join("shortcut")).expect("a link");
    fs::remove_file(out.join("dns/0/0.zone")).expect("a file");
    symlink(outside.join("mine.txt"), out.join("dns/0/0.zone")).expect("a link");
    for place in ["new", "old", "trash"] {
        symlink(&outside, dir.path().join(format!(".out.mailtopo-{place}"))).expect("a link");
    }
    let refused = put(&out, &generation(2, 0)).expect_err("changed");
    assert!(
        refused.contains("shortcut") && refused.contains("edited: dns/0/0.zone"),
        "{refused}"
    );
    assert_eq!(force(&out, &generation(2, 0)), REPLACED);
    assert_holds(&out, &generation(2, 0));
    assert_eq!(fs::read(outside.join("mine.txt")).expect("a file"), b"mine");
    symlink("outside/new", dir.path().join(".out.mailtopo-lock")).expect("a link");
    assert!(
        put(&out, &generation(3, 0))
            .expect_err("a link")
            .contains("symbolic link")
    );
    assert_eq!(names(&outside), ["mine.txt"]);
}

#[cfg(unix)]
#[test]
fn permissions() {
    use std::os::unix::fs::PermissionsExt;
    let (_dir, out) = place();
    let mode = |path: &Path| fs::metadata(path).expect("there").permissions().mode() & 0o777;
    put(&out, &generation(1, 0)).expect("written");
    assert_ne!(mode(&out.join("relay/install.sh")) & 0o100, 0);
    assert_eq!(mode(&out.join("dns/0/0.zone")) & 0o111, 0);
    fs::set_permissions(&out, fs::Permissions::from_mode(0o750)).expect("its own");
    put(&out, &generation(2, 0)).expect("written");
    assert_eq!(mode(&out), 0o750);
}

#[test]
fn one_run_at_a_time() {
    let (dir, out) = place();
    put(&out, &generation(1, 0)).expect("written");
    let lock = fs::File::create(dir.path().join(".out.mailtopo-lock")).expect("a file");
    lock.try_lock().expect("nobody else has it");
    assert!(
        force(&out, &generation(2, 0))
            .expect_err("locked")
            .contains("another run")
    );
    assert_holds(&out, &generation(1, 0));
    drop(lock);
    // The file of a run that is dead locks nobody out.
    assert_eq!(put(&out, &generation(2, 0)), REPLACED);
    assert_eq!(names(dir.path()), ["out"]);
}

#[test]
fn runs_at_once_leave_one_whole_output() {
    let (dir, out) = place();
    let results: Vec<_> = std::thread::scope(|scope| {
        let out = &out;
        let runs: Vec<_> = (0..8)
            .map(|number| scope.spawn(move || (number, put(out, &generation(number, 100)))))
            .collect();
        runs.into_iter()
            .map(|run| run.join().expect("no panic"))
            .collect()
    });
    let written: Vec<String> = results
        .iter()
        .filter(|(_, result)| result.is_ok())
        .map(|(number, _)| number.to_string())
        .collect();
    for (_, result) in &results {
        if let Err(refused) = result {
            assert!(refused.contains("another run"), "{refused}");
        }
    }
    assert!(written.contains(&whole(&out)), "{written:?}");
    assert_eq!(names(dir.path()), ["out"]);
}

/// Makes a state from the folder of the test and that of the output.
type Make = fn(&Path, &Path);

/// Every state that a killed run can leave, made by hand: the next run makes one whole output of it.
#[test]
fn whatever_a_killed_run_leaves_is_put_in_order() {
    let half = |path: PathBuf| {
        fs::create_dir_all(path.join("tree/dns")).expect("a folder");
        fs::write(path.join("tree/dns/half"), "h").expect("a file");
    };
    let states: [(&str, Make); 5] = [
        ("while staging", |_, _| {}),
        ("between the renames", |dir, out| {
            fs::rename(out, dir.join(".out.mailtopo-old")).expect("renamed");
        }),
        ("after the renames", |dir, out| {
            fs::rename(out, dir.join(".out.mailtopo-old")).expect("renamed");
            put(&dir.join("other"), &generation(1, 0)).expect("written");
            fs::rename(dir.join("other"), out).expect("renamed");
        }),
        ("while removing", |dir, _| {
            fs::create_dir_all(dir.join(".out.mailtopo-trash/dns")).expect("a folder");
        }),
        ("while removing, with an older run's rest", |dir, _| {
            fs::create_dir_all(dir.join(".out.mailtopo-trash/dns")).expect("a folder");
            fs::create_dir_all(dir.join(".out.mailtopo-old/dns")).expect("a folder");
        }),
    ];
    for (when, make) in states {
        let (dir, out) = place();
        put(&out, &generation(1, 0)).expect("written");
        make(dir.path(), &out);
        half(dir.path().join(".out.mailtopo-new"));
        fs::write(dir.path().join(".outer.mailtopo-new"), "another output's").expect("a file");
        assert_eq!(
            put(&out, &generation(1, 0)),
            Ok(Written::Unchanged),
            "{when}"
        );
        assert_holds(&out, &generation(1, 0));
        assert_eq!(names(dir.path()), [".outer.mailtopo-new", "out"], "{when}");
    }
}

const CHILD: &str = "MAILTOPO_TEST_CHILD";

/// No test of its own: what [`child`] runs in another process, where it can be killed. There it writes generation after
/// generation, or one, as the variable says: `loop|once exchange|renames DIR`.
#[test]
fn child_process() {
    let Ok(task) = std::env::var(CHILD) else {
        return;
    };
    let mut words = task.splitn(3, ' ');
    let once = words.next() == Some("once");
    let swap = if words.next() == Some("renames") {
        Swap::Renames
    } else {
        Swap::Exchange
    };
    let out = PathBuf::from(words.next().expect("a folder"));
    for number in 2.. {
        let result = write(
            &out,
            &generation(number, 20_000),
            Options { force: false, swap },
        );
        if once {
            println!(
                "{}",
                result.map_or_else(|failure| failure.to_string(), |_| "written".to_owned())
            );
            return;
        }
        result.expect("written");
    }
}

fn child(task: &str, out: &Path) -> Command {
    let mut command = Command::new(std::env::current_exe().expect("this test"));
    command
        .args(["--exact", "child_process", "--nocapture"])
        .env(CHILD, format!("{task} {}", out.display()));
    command
}

#[cfg(unix)]
#[test]
fn a_run_killed_at_any_moment_leaves_a_whole_output() {
    for swap in ["exchange", "renames"] {
        let (dir, out) = place();
        put(&out, &generation(1, 0)).expect("written");
        let mut seen = std::collections::BTreeSet::new();
        let mut left = 0;
        for round in 0..60u64 {
            let mut run = child(&format!("loop {swap}"), &out)
                .stdout(Stdio::null())
                .stderr(Stdio::null())
                .spawn()
                .expect("starts");
            let lock = dir.path().join(".out.mailtopo-lock");
            let started = std::time::Instant::now();
            while !lock.exists() {
                assert!(started.elapsed() < Duration::from_mins(1), "it never began");
                std::thread::sleep(Duration::from_micros(200));
            }
            // The moments are spread by a multiplier without a common factor with the span.
            std::thread::sleep(Duration::from_micros(round * 7_919 % 60_000));
            run.kill().expect("it runs until it is killed");
            run.wait().expect("it ends");
            left += names(dir.path())
                .iter()
                .filter(|name| name.contains("-new") || name.contains("-old"))
                .count();
            if out.exists() {
                seen.insert(whole(&out));
            } else {
                assert_eq!(swap, "renames", "an exchange leaves no gap");
                seen.insert(whole(&dir.path().join(".out.mailtopo-old")));
            }
            let next = generation(1000 + usize::try_from(round).expect("small"), 0);
            assert_eq!(put(&out, &next), REPLACED);
            assert_holds(&out, &next);
            assert_eq!(names(dir.path()), ["out"]);
        }
        // Some runs were killed after they had written something, and some in the midst of writing.
        assert!(seen.len() > 3, "{seen:?}");
        assert!(left > 3, "{left}");
    }
}

#[cfg(unix)]
#[test]
fn a_run_that_can_write_no_more_leaves_the_old_output() {
    for (trap, expected) in [("trap '' XFSZ; ", Some("raise the limit")), ("", None)] {
        let (dir, out) = place();
        put(&out, &generation(1, 0)).expect("written");
        let run = child("once exchange", &out);
        // With the signal ignored, writing fails; without, the system kills the run.
        let output = Command::new("sh")
            .args(["-c", &format!("{trap}ulimit -f 4; exec \"$0\" \"$@\"")])
            .arg(run.get_program())
            .args(run.get_args())
            .envs(
                run.get_envs()
                    .filter_map(|(name, value)| Some((name, value?))),
            )
            .output()
            .expect("sh runs");
        assert_holds(&out, &generation(1, 0));
        if let Some(expected) = expected {
            let said = String::from_utf8_lossy(&output.stdout);
            assert!(
                said.contains(expected) && said.contains("out/dns/0/0.zone"),
                "{said}"
            );
            assert_eq!(names(dir.path()), ["out"]);
        } else {
            assert!(!output.status.success(), "{output:?}");
        }
        assert_eq!(put(&out, &generation(2, 20_000)), REPLACED);
        assert_eq!(names(dir.path()), ["out"]);
    }
}
