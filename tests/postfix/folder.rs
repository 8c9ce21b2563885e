//! An emitted folder in the place where a host would have it, taken without a word by Postfix's own tools.

use super::lab::{
    Parameters, arg, folder, host_parameters, parameters, run, said, skeleton, write_main_cf,
};
use mailtopo::testing::plan::Plan;
use std::collections::BTreeMap;
use std::fs;
use std::path::PathBuf;
use tempfile::TempDir;

/// Files of a host by name.
pub(crate) type Files = BTreeMap<String, Vec<u8>>;

/// The configuration folder of one location.
pub(crate) struct Folder {
    /// Everything of this host, gone with this value.
    pub root: TempDir,
    /// Its own parameters, as they were emitted.
    pub parameters: Parameters,
    /// The text of its main.cf, as it was emitted.
    pub main_cf: String,
}

/// A master.cf that has every service of Postfix, and those that the spec says are there.
pub(crate) fn master_cf(more: &[String]) -> String {
    let mut text = String::from(
        "smtp inet n - n - - smtpd\npickup unix n - n 60 1 pickup\ncleanup unix n - n - 0 cleanup\nqmgr unix n - n 300 1 qmgr\n\
         tlsmgr unix - - n 1000? 1 tlsmgr\nrewrite unix - - n - - trivial-rewrite\nbounce unix - - n - 0 bounce\n\
         defer unix - - n - 0 bounce\ntrace unix - - n - 0 bounce\nverify unix - - n - 1 verify\n\
         flush unix n - n 1000? 0 flush\nproxymap unix - - n - - proxymap\nproxywrite unix - - n - 1 proxymap\n\
         smtp unix - - n - - smtp\nrelay unix - - n - - smtp\nshowq unix n - n - - showq\nerror unix - - n - - error\n\
         retry unix - - n - - error\ndiscard unix - - n - - discard\nlocal unix - n n - - local\n\
         virtual unix - n n - - virtual\nlmtp unix - - n - - lmtp\nanvil unix - - n - 1 anvil\nscache unix - - n - 1 scache\n\
         postlog unix-dgram n - n - 1 postlogd\n",
    );
    for service in more {
        text.extend([service, " unix - - n - - smtp\n"]);
    }
    text
}

impl Folder {
    /// Puts the files of a location in place and lets `postmap` and `postconf` look at all of them.
    pub(crate) fn install(plan: &Plan, location: &str) -> Self {
        let made = Self::place(&hostname(plan, location), &emitted(plan, location));
        made.build(location);
        made.names_every_table(location);
        made.check(location);
        made
    }

    /// The `config_directory`.
    pub(crate) fn config(&self) -> PathBuf {
        self.root.path().join("etc")
    }

    /// What a parameter was set to.
    pub(crate) fn parameter(&self, name: &str) -> Option<&str> {
        let found = self
            .parameters
            .iter()
            .rev()
            .find(|(known, _)| known == name);
        found.map(|(_, value)| value.as_str())
    }

    /// Puts the files of a host in place, its tables wherever they were. What is asked of them is no test of their form.
    pub(crate) fn of_host(name: &str, hostname: &str, files: &Files) -> Self {
        let made = Self::place(hostname, files);
        made.build(name);
        made
    }

    fn place(hostname: &str, files: &Files) -> Self {
        let root = folder();
        skeleton(root.path());
        let tables = root.path().join("etc/mailtopo");
        fs::create_dir(&tables).expect("a folder");
        let mut main_cf = String::new();
        for (name, bytes) in files {
            match name.as_str() {
                "main.cf" => {
                    let text = String::from_utf8_lossy(bytes);
                    main_cf = text.replace(":/etc/postfix/", ":${config_directory}/mailtopo/");
                }
                "install.sh" => {}
                _ => fs::write(tables.join(name), bytes).expect("written"),
            }
        }
        // What install.sh makes of the passwords it is told.
        if main_cf.contains("/mailtopo/sasl_passwd") {
            fs::write(
                tables.join("sasl_passwd"),
                "[nowhere.invalid]:25 name:word\n",
            )
            .expect("written");
        }
        let host = host_parameters(root.path(), hostname);
        write_main_cf(&root.path().join("etc"), &(host + &main_cf));
        fs::write(root.path().join("etc/master.cf"), master_cf(&[])).expect("written");
        Self {
            root,
            parameters: parameters(&main_cf),
            main_cf,
        }
    }

    /// Builds every table that main.cf names, which `postmap` must do without a word.
    fn build(&self, location: &str) {
        let config = self.config();
        let (mut indexed, mut others) = (Vec::new(), Vec::new());
        let words = self.parameters.iter().flat_map(|(_, value)| {
            value
                .split([' ', ','])
                .map(str::to_owned)
                .collect::<Vec<_>>()
        });
        for word in words {
            let Some((kind, path)) = word
                .trim_start_matches('!')
                .split_once(":${config_directory}/mailtopo/")
            else {
                continue;
            };
            let table = format!("{kind}:{}", arg(&config.join("mailtopo").join(path)));
            match kind {
                "lmdb" | "hash" => indexed.push(table),
                _ => others.push(table),
            }
        }
        let mut args = vec!["-c", arg(&config)];
        args.extend(indexed.iter().map(String::as_str));
        if !indexed.is_empty() {
            let output = run("postmap", &args);
            assert_eq!(said(&output), "", "{location}: postmap {indexed:?}");
        }
        for table in &others {
            let output = run("postmap", &["-c", arg(&config), "-q", "192.0.2.1", table]);
            let complaint = String::from_utf8_lossy(&output.stderr).into_owned();
            assert_eq!(complaint, "", "{location}: postmap {table}");
        }
    }

    /// A table that main.cf does not name would never be asked.
    fn names_every_table(&self, location: &str) {
        let config = self.config();
        for entry in fs::read_dir(config.join("mailtopo")).expect("a folder") {
            let name = entry.expect("an entry").file_name();
            let name = name.to_string_lossy();
            let named = name.ends_with(".lmdb")
                || name.ends_with(".db")
                || self.main_cf.contains(&format!("/mailtopo/{name}"));
            assert!(named, "{location}: main.cf does not name `{name}`");
        }
    }

    fn check(&self, location: &str) {
        let config = self.config();
        let output = run("postconf", &["-c", arg(&config), "-n"]);
        let complaint = String::from_utf8_lossy(&output.stderr).into_owned();
        assert_eq!(complaint, "", "{location}: postconf");
        assert!(output.status.success(), "{location}: postconf");
    }

    /// Lets `postfix check` look at owners, modes and folders, which takes as long as everything else together.
    pub(crate) fn postfix_check(&self, location: &str) {
        let config = self.config();
        let output = run("postfix", &["-c", arg(&config), "check"]);
        let log = fs::read_to_string(self.root.path().join("data/log")).unwrap_or_default();
        assert_eq!(said(&output) + &log, "", "{location}: postfix check");
        assert!(output.status.success(), "{location}: postfix check");
    }
}

/// The files that are written for a location, by name.
pub(crate) fn emitted(plan: &Plan, location: &str) -> Files {
    let mut tree = mailtopo::testing::output::OutputTree::default();
    mailtopo::testing::platforms::postfix::write::emit(plan, &mut tree)
        .unwrap_or_else(|refused| panic!("{location}: {}", refused.message));
    let start = format!("{location}/");
    let own = tree.iter().filter_map(|(path, bytes)| {
        let name = path.strip_prefix(&start)?;
        Some((name.to_owned(), bytes.to_vec()))
    });
    own.collect()
}

/// The name of the host, which is the first of a location.
pub(crate) fn hostname(plan: &Plan, location: &str) -> String {
    let found = plan
        .topology
        .locations()
        .find(|(_, at)| at.name == location);
    let host = found.and_then(|(_, at)| at.hosts.iter().find_map(|at| at.value.name()));
    host.map_or_else(|| "host.invalid".to_owned(), ToString::to_string)
}
