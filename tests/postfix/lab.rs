//! A Postfix of our own: one master, for each emitted folder its own services, and nothing that could send mail.
//!
//! Every service of a folder gets the folder's parameters, so that many folders share one master. The services listen
//! on sockets in the file system: no port is opened, no other Postfix is touched.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;
use std::fs;
use std::io::{Seek, Write as _};
use std::os::unix::fs::{PermissionsExt, chown};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Output, Stdio};
use std::sync::{Mutex, OnceLock};
use std::time::{Duration, Instant, SystemTime};
use tempfile::TempDir;

/// Parameters in the order in which they are written.
pub(crate) type Parameters = Vec<(String, String)>;

/// Runs a program and gives what it says.
pub(crate) fn run(program: &str, args: &[&str]) -> Output {
    run_from(Stdio::null(), program, args)
}

/// Runs a program that reads this text.
pub(crate) fn run_with(text: &str, program: &str, args: &[&str]) -> Output {
    let mut file = tempfile::tempfile().expect("a file");
    file.write_all(text.as_bytes()).expect("written");
    file.rewind().expect("a file");
    run_from(Stdio::from(file), program, args)
}

fn run_from(input: Stdio, program: &str, args: &[&str]) -> Output {
    let package = match program {
        "openssl" => "openssl",
        "shellcheck" => "shellcheck",
        "script" => "bsdutils",
        _ => "postfix postfix-lmdb",
    };
    // Postfix closes every file it could have open, one by one, at every start of a program.
    let mut command = Command::new("sh");
    command
        .args(["-c", "ulimit -n 256; exec \"$0\" \"$@\"", program])
        .args(args)
        .env("PATH", path())
        .stdin(input);
    let output = command.output().expect("sh");
    assert!(
        output.status.code() != Some(127),
        "{program}: {}; install it: sudo apt-get install --yes {package}",
        said(&output)
    );
    output
}

/// What a program says to both of its outputs.
pub(crate) fn said(output: &Output) -> String {
    String::from_utf8_lossy(&output.stdout).into_owned() + &String::from_utf8_lossy(&output.stderr)
}

/// Where administrators' programs are, too.
pub(crate) fn path() -> String {
    std::env::var("PATH").unwrap_or_default() + ":/usr/sbin:/sbin"
}

/// A path as an argument.
pub(crate) fn arg(path: &Path) -> &str {
    path.to_str().expect("UTF-8")
}

/// A folder that goes with the value; in memory where there is such a place, because Postfix syncs every file it writes.
pub(crate) fn folder() -> TempDir {
    let memory = Path::new("/dev/shm");
    let parent = if memory.is_dir() {
        memory.to_owned()
    } else {
        std::env::temp_dir()
    };
    TempDir::with_prefix_in("mailtopo-postfix-", parent).expect("a folder")
}

/// A parameter of the Postfix that is installed.
pub(crate) fn default(name: &str) -> String {
    static KNOWN: Mutex<BTreeMap<String, String>> = Mutex::new(BTreeMap::new());
    let mut known = KNOWN.lock().expect("no panic");
    let ask = || {
        let output = run("postconf", &["-dh", name]);
        String::from_utf8_lossy(&output.stdout).trim().to_owned()
    };
    known.entry(name.to_owned()).or_insert_with(ask).clone()
}

/// A number of a user or group, as `id` and `getent` know it.
fn number(program: &str, args: &[&str], field: usize) -> u32 {
    let text = said(&run(program, args));
    let word = text.trim().split(':').nth(field).unwrap_or_default();
    word.parse()
        .unwrap_or_else(|_| panic!("{program} {args:?}: {text}"))
}

/// The numbers of the user `postfix` and of the group `postdrop`.
fn owners() -> (u32, u32) {
    static KNOWN: OnceLock<(u32, u32)> = OnceLock::new();
    *KNOWN.get_or_init(|| {
        assert!(
            number("id", &["-u"], 0) == 0,
            "Postfix starts for root only: run `sudo -E cargo test --test postfix`"
        );
        (
            number("id", &["-u", "postfix"], 0),
            number("getent", &["group", "postdrop"], 2),
        )
    })
}

/// The folders that a queue is made of, and a place for the configuration.
pub(crate) fn skeleton(root: &Path) {
    let (postfix, postdrop) = owners();
    fs::set_permissions(root, fs::Permissions::from_mode(0o755)).expect("a mode");
    for name in ["etc", "data", "queue", "queue/pid"] {
        fs::create_dir_all(root.join(name)).expect("a folder");
    }
    fs::write(root.join("data/log"), "").expect("written");
    let queues = [
        "active", "bounce", "corrupt", "defer", "deferred", "flush", "hold", "incoming", "private",
        "public", "saved", "trace", "maildrop",
    ]
    .map(|name| root.join("queue").join(name));
    for queue in &queues {
        fs::create_dir_all(queue).expect("a folder");
    }
    for path in queues
        .iter()
        .chain([&root.join("data"), &root.join("data/log")])
    {
        chown(path, Some(postfix), None).expect("an owner");
    }
    for (name, mode) in [("public", 0o710), ("maildrop", 0o730)] {
        let path = root.join("queue").join(name);
        chown(&path, None, Some(postdrop)).expect("a group");
        fs::set_permissions(path, fs::Permissions::from_mode(mode)).expect("a mode");
    }
}

/// Writes a main.cf that was there before: Postfix reads one again and again that is younger than two seconds.
pub(crate) fn write_main_cf(config: &Path, text: &str) {
    let mut file = fs::File::create(config.join("main.cf")).expect("main.cf");
    file.write_all(text.as_bytes()).expect("written");
    let before = SystemTime::now() - Duration::from_mins(1);
    file.set_modified(before).expect("a time");
}

/// The parameters that a host has of its own, in a folder made by `skeleton`.
pub(crate) fn host_parameters(root: &Path, hostname: &str) -> String {
    let root = arg(root);
    // The newest level that this Postfix knows; it says so in the log where it is an older one.
    let version = default("mail_version");
    let mut numbers = version.split('.').map(|text| text.parse().unwrap_or(0));
    let level = match (numbers.next(), numbers.next()) {
        (Some(3), Some(0..6)) => "2",
        (Some(3), Some(6..11)) => "3.6",
        _ => "3.11",
    };
    format!(
        "compatibility_level = {level}\nqueue_directory = {root}/queue\ndata_directory = {root}/data\ncommand_directory = {}\n\
         daemon_directory = {}\nmail_owner = postfix\nsetgid_group = postdrop\nmyhostname = {hostname}\n\
         inet_interfaces = 127.0.0.1\ninet_protocols = ipv4\nmaillog_file = {root}/data/log\n\
         maillog_file_prefixes = {root}\nalias_maps =\nalias_database =\nlocal_recipient_maps = inline:{{root=x}}\n\
         smtputf8_enable = yes\nsmtp_dns_support_level = disabled\nsmtp_host_lookup = native\n",
        default("command_directory"),
        default("daemon_directory"),
    )
}

/// Logical lines of a main.cf: comments left out, continued lines joined.
pub(crate) fn parameters(main_cf: &str) -> Parameters {
    let mut list: Parameters = Vec::new();
    for line in main_cf.lines() {
        if line.trim().is_empty() || line.starts_with('#') {
            continue;
        }
        if line.starts_with(char::is_whitespace) {
            let (_, value) = list.last_mut().expect("something to go on with");
            value.push(' ');
            value.push_str(line.trim());
        } else {
            let (name, value) = line.split_once('=').expect("a parameter");
            list.push((name.trim().to_owned(), value.trim().to_owned()));
        }
    }
    list
}

/// A running master, which ends with this value.
pub(crate) struct Master {
    root: TempDir,
    process: Child,
}

/// One folder's services: their number, the folder of its configuration and the name of its host.
pub(crate) struct Instance<'a> {
    /// Its place among the others.
    pub number: usize,
    /// Its `config_directory`.
    pub folder: &'a Path,
    /// Its `myhostname`.
    pub hostname: &'a str,
    /// The parameters it was given.
    pub parameters: Parameters,
}

impl Master {
    /// Starts the services of these folders.
    pub(crate) fn start(instances: &[Instance<'_>]) -> Self {
        let root = folder();
        skeleton(root.path());
        let mut main_cf = host_parameters(root.path(), "lab.invalid");
        main_cf.push_str("mydestination =\ndefault_process_limit = 1000\n");
        write_main_cf(&root.path().join("etc"), &main_cf);
        let mut master_cf = String::from(
            "tlsmgr unix - - n 1000? 1 tlsmgr\nanvil unix - - n - 1 anvil\nproxymap unix - - n - - proxymap\n\
             qmgr unix n - n 300 1 qmgr\nrewrite unix - - n - - trivial-rewrite\n\
             postlog unix-dgram n - n - 1 postlogd\n",
        );
        for instance in instances {
            master_cf.push_str(&services(instance));
        }
        fs::write(root.path().join("etc/master.cf"), master_cf).expect("written");
        let program = format!("{}/master", default("daemon_directory"));
        let limited = format!(
            "ulimit -n {}; exec \"$0\" \"$@\"",
            256 + 16 * instances.len()
        );
        let process = Command::new("sh")
            .args(["-c", &limited, &program, "-c"])
            .arg(root.path().join("etc"))
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .expect("master starts");
        let master = Self { root, process };
        let last = instances.last().map_or(0, |instance| instance.number);
        master.wait_for(&master.socket("private", &format!("rewrite{last}")));
        master
    }

    /// The socket of a service.
    pub(crate) fn socket(&self, kind: &str, service: &str) -> PathBuf {
        self.root.path().join("queue").join(kind).join(service)
    }

    /// A message that is kept back.
    pub(crate) fn held(&self, id: &str) -> PathBuf {
        self.root.path().join("queue/hold").join(id)
    }

    /// What was logged as a warning or worse.
    pub(crate) fn warnings(&self) -> Vec<String> {
        let log = fs::read_to_string(self.root.path().join("data/log")).unwrap_or_default();
        let bad = |line: &&str| {
            ["warning:", "error:", "fatal:", "panic:"]
                .iter()
                .any(|word| line.contains(word))
        };
        let mut lines: BTreeSet<String> = BTreeSet::new();
        for line in log.lines().filter(bad) {
            let text = line.split_once("]: ").map_or(line, |(_, text)| text);
            lines.insert(text.to_owned());
        }
        lines.into_iter().collect()
    }

    fn wait_for(&self, path: &Path) {
        let start = Instant::now();
        while !path.exists() {
            let log = || fs::read_to_string(self.root.path().join("data/log")).unwrap_or_default();
            assert!(
                start.elapsed() < Duration::from_mins(1),
                "master does not start: {}",
                log()
            );
            std::thread::sleep(Duration::from_millis(20));
        }
    }
}

impl Drop for Master {
    fn drop(&mut self) {
        let id = self.process.id().to_string();
        let _ = Command::new("kill").arg(&id).status();
        let _ = self.process.wait();
    }
}

/// The services of a folder. What is not its own is only what keeps questions quick and the host out of it.
fn services(instance: &Instance<'_>) -> String {
    let Instance {
        number,
        folder,
        hostname,
        parameters,
    } = instance;
    let mut options = format!(
        "  -o {{ config_directory = {} }}\n  -o {{ myhostname = {hostname} }}\n",
        arg(folder)
    );
    for (name, value) in parameters {
        // No private key is there; sessions with TLS are tried with real mail.
        if name.contains("_tls_") {
            continue;
        }
        // Verification needs a next hop that answers, and is tried with real mail.
        let value = value.replace(", reject_unverified_recipient", "");
        let _ = writeln!(options, "  -o {{ {name} = {value} }}");
    }
    let mut text = String::new();
    let _ = write!(
        text,
        "smtpd{number} unix n - n - 1 smtpd\n{options}\
         \u{20} -o rewrite_service_name=rewrite{number}\n  -o cleanup_service_name=cleanup{number}\n\
         \u{20} -o smtpd_authorized_xclient_hosts=127.0.0.0/8\n\
         \u{20} -o {{ smtpd_end_of_data_restrictions = check_client_access static:HOLD }}\n\
         \u{20} -o smtpd_error_sleep_time=0\n  -o smtpd_soft_error_limit=100000\n  -o smtpd_hard_error_limit=100000\n\
         \u{20} -o smtpd_recipient_limit=100000\n  -o smtpd_recipient_overshoot_limit=100000\n\
         \u{20} -o smtpd_client_event_limit_exceptions=static:all\n  -o smtpd_peername_lookup=no\n\
         cleanup{number} unix n - n - 0 cleanup\n{options}  -o rewrite_service_name=rewrite{number}\n\
         rewrite{number} unix - - n - 1 trivial-rewrite\n{options}"
    );
    text
}
