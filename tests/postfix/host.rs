//! Whole hosts in a network of their own: each has an address, a running Postfix, and what install.sh put in place.

use super::folder::master_cf;
use super::lab::{arg, folder, host_parameters, path, run, said, skeleton, write_main_cf};
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Output, Stdio};
use std::time::{Duration, Instant};
use tempfile::TempDir;

/// A network that nothing leaves: its addresses are on its own loopback device.
pub(crate) struct Network {
    holder: Child,
    _hosts: TempDir,
}

impl Network {
    /// A network with these addresses, whose hosts know these names and no others; a line of `names` is one of hosts(5).
    pub(crate) fn with(addresses: &[&str], names: &str) -> Self {
        let hosts = folder();
        let file = hosts.path().join("hosts");
        fs::write(&file, format!("127.0.0.1 localhost\n{names}")).expect("written");
        let holder = Command::new("unshare")
            .args(["-n", "-m", "sh", "-c"])
            .args([
                "mount --bind \"$0\" /etc/hosts && exec sleep 900",
                arg(&file),
            ])
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .expect("unshare; install it: sudo apt-get install --yes util-linux");
        let network = Self {
            holder,
            _hosts: hosts,
        };
        let start = Instant::now();
        // Until everything is done, its process is no `sleep` yet.
        while !network.is_ready() {
            assert!(
                start.elapsed() < Duration::from_secs(20),
                "no network namespace"
            );
            std::thread::sleep(Duration::from_millis(10));
        }
        network.run("ip", &["link", "set", "lo", "up"]);
        for address in addresses {
            let address = format!("{address}/32");
            network.run("ip", &["addr", "add", &address, "dev", "lo"]);
        }
        network
    }

    fn is_ready(&self) -> bool {
        let name = fs::read_to_string(format!("/proc/{}/comm", self.holder.id()));
        name.is_ok_and(|name| name.trim() == "sleep")
    }

    /// A program that runs in this network.
    pub(crate) fn command(&self, program: &str, args: &[&str]) -> Command {
        let mut command = Command::new("sh");
        command
            .args(["-c", "ulimit -n 256; exec nsenter \"$@\"", "sh", "-t"])
            .arg(self.holder.id().to_string())
            .args(["-n", "-m", program])
            .args(args)
            .env("PATH", path())
            .stdin(Stdio::null());
        command
    }

    /// Runs a program to its end, which must be a good one.
    pub(crate) fn run(&self, program: &str, args: &[&str]) -> String {
        let output = self.command(program, args).output().expect("sh");
        assert!(
            output.status.success(),
            "{program} {args:?}: {}",
            said(&output)
        );
        said(&output)
    }
}

impl Drop for Network {
    fn drop(&mut self) {
        let _ = self.holder.kill();
        let _ = self.holder.wait();
    }
}

/// A host with a Postfix.
pub(crate) struct Host<'n> {
    /// Its folders.
    pub root: TempDir,
    network: Option<&'n Network>,
}

impl<'n> Host<'n> {
    /// A host whose Postfix listens to this address, not started yet. `more` goes into its main.cf, `services` into its
    /// master.cf. Tests talk to it through `door`, as any client they like.
    pub(crate) fn new(
        network: Option<&'n Network>,
        hostname: &str,
        address: Option<&str>,
        more: &str,
        services: &str,
    ) -> Self {
        let root = folder();
        skeleton(root.path());
        let mut main_cf = host_parameters(root.path(), hostname);
        main_cf.push_str(more);
        let mut master = master_cf(&[]);
        let inet = "smtp inet n - n - - smtpd\n";
        match address {
            Some(address) => {
                master = master.replace(inet, &format!("{address}:25 inet n - n - - smtpd\n"));
                main_cf = main_cf.replace(
                    "inet_interfaces = 127.0.0.1",
                    &format!("inet_interfaces = {address}\nsmtp_bind_address = {address}"),
                );
            }
            None => master = master.replace(inet, ""),
        }
        master.push_str("door unix n - n - - smtpd\n  -o smtpd_authorized_xclient_hosts=127.0.0.0/8\n  -o smtpd_peername_lookup=no\n");
        master.push_str(services);
        let config = root.path().join("etc");
        write_main_cf(&config, &main_cf);
        fs::write(config.join("master.cf"), master).expect("written");
        Self { root, network }
    }

    /// Its `config_directory`.
    pub(crate) fn config(&self) -> PathBuf {
        self.root.path().join("etc")
    }

    /// Where tests connect.
    pub(crate) fn door(&self) -> PathBuf {
        self.root.path().join("queue/public/door")
    }

    /// Everything it logged.
    pub(crate) fn log(&self) -> String {
        fs::read_to_string(self.root.path().join("data/log")).unwrap_or_default()
    }

    /// Starts it.
    pub(crate) fn start(&self) {
        let output = self.postfix("start");
        assert!(output.status.success(), "{}{}", said(&output), self.log());
    }

    /// Ends it, as `postfix stop` does, which then sleeps for a second.
    pub(crate) fn stop(&self) {
        let pid = fs::read_to_string(self.root.path().join("queue/pid/master.pid"));
        let pid = pid.unwrap_or_default().trim().to_owned();
        if pid.is_empty() || !run("kill", &[&pid]).status.success() {
            return;
        }
        let start = Instant::now();
        let process = Path::new("/proc").join(&pid);
        while process.exists() && start.elapsed() < Duration::from_secs(10) {
            std::thread::sleep(Duration::from_millis(10));
        }
    }

    /// A command to its Postfix.
    pub(crate) fn postfix(&self, command: &str) -> Output {
        let config = self.config();
        let args = ["-c", arg(&config), command];
        match self.network {
            Some(network) => network.command("postfix", &args).output().expect("sh"),
            None => run("postfix", &args),
        }
    }

    /// Puts an emitted folder in place by its own script.
    pub(crate) fn install(&self, emitted: &Path) -> Output {
        let script = emitted.join("install.sh");
        let config = self.config();
        let args = [arg(&script), "--config-dir", arg(&config)];
        match self.network {
            Some(network) => network.command("sh", &args).output().expect("sh"),
            None => run("sh", &args),
        }
    }
}

impl Drop for Host<'_> {
    fn drop(&mut self) {
        self.stop();
    }
}

/// A listener that takes every message and keeps it in a folder.
pub(crate) struct Sink {
    folder: TempDir,
    process: Child,
}

impl Sink {
    /// Listens at an address and port; `-L` makes it a mailbox store.
    pub(crate) fn at(network: &Network, address: &str, options: &[&str]) -> Self {
        let folder = folder();
        run("chown", &["nobody", arg(folder.path())]);
        let mut args = vec!["-u", "nobody", "-R", arg(folder.path()), "-d", "%H%M%S."];
        args.extend(options);
        args.extend([address, "100"]);
        let process = network
            .command("smtp-sink", &args)
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .expect("smtp-sink");
        Self { folder, process }
    }

    /// The message with this subject, once it is there.
    pub(crate) fn message(&self, subject: &str) -> Option<String> {
        let entries = fs::read_dir(self.folder.path()).ok()?;
        entries
            .filter_map(|entry| fs::read_to_string(entry.ok()?.path()).ok())
            .find(|text| {
                text.contains(&format!("Subject: {subject}\n"))
                    || text.contains(&format!("Subject: {subject}\r"))
            })
    }

    /// How many messages there are.
    pub(crate) fn count(&self) -> usize {
        fs::read_dir(self.folder.path()).map_or(0, Iterator::count)
    }
}

impl Drop for Sink {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

/// Waits for something.
pub(crate) fn until<T>(
    what: &str,
    mut look: impl FnMut() -> Option<T>,
    say: impl Fn() -> String,
) -> T {
    let start = Instant::now();
    loop {
        if let Some(found) = look() {
            return found;
        }
        assert!(
            start.elapsed() < Duration::from_mins(1),
            "{what}: {}",
            say()
        );
        std::thread::sleep(Duration::from_millis(20));
    }
}

/// An authority for tests.
pub(crate) struct Authority {
    folder: TempDir,
}

impl Authority {
    /// A new one.
    pub(crate) fn new() -> Self {
        let authority = Self { folder: folder() };
        let (key, certificate) = (authority.file("ca.key"), authority.certificate());
        openssl(&[
            "req",
            "-x509",
            "-newkey",
            "ec",
            "-pkeyopt",
            "ec_paramgen_curve:P-256",
            "-nodes",
            "-days",
            "2",
            "-subj",
            "/CN=Test authority",
            "-keyout",
            arg(&key),
            "-out",
            arg(&certificate),
        ]);
        authority
    }

    /// Its certificate.
    pub(crate) fn certificate(&self) -> PathBuf {
        self.file("ca.pem")
    }

    /// Key and certificate for a name, in one file at `to`.
    pub(crate) fn issue(&self, name: &str, to: &Path) {
        let (key, request, leaf, names) = (
            self.file("leaf.key"),
            self.file("leaf.csr"),
            self.file("leaf.pem"),
            self.file("names"),
        );
        fs::write(&names, format!("subjectAltName=DNS:{name}\n")).expect("written");
        let subject = format!("/CN={name}");
        openssl(&[
            "req",
            "-new",
            "-newkey",
            "ec",
            "-pkeyopt",
            "ec_paramgen_curve:P-256",
            "-nodes",
            "-subj",
            &subject,
            "-keyout",
            arg(&key),
            "-out",
            arg(&request),
        ]);
        let (ca, ca_key) = (self.certificate(), self.file("ca.key"));
        openssl(&[
            "x509",
            "-req",
            "-in",
            arg(&request),
            "-CA",
            arg(&ca),
            "-CAkey",
            arg(&ca_key),
            "-CAcreateserial",
            "-days",
            "2",
            "-extfile",
            arg(&names),
            "-out",
            arg(&leaf),
        ]);
        let text = fs::read_to_string(&key).expect("a key")
            + &fs::read_to_string(&leaf).expect("a certificate");
        if let Some(parent) = to.parent() {
            fs::create_dir_all(parent).expect("a folder");
        }
        fs::write(to, text).expect("written");
    }

    fn file(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }
}

fn openssl(args: &[&str]) {
    let output = run("openssl", args);
    assert!(
        output.status.success(),
        "openssl {args:?}: {}",
        said(&output)
    );
}

/// Writes the files that were emitted for a location.
pub(crate) fn emitted(plan: &mailtopo::testing::plan::Plan, location: &str) -> TempDir {
    let out = folder();
    for (name, bytes) in super::folder::emitted(plan, location) {
        fs::write(out.path().join(name), bytes).expect("written");
    }
    out
}
