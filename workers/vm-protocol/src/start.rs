//! How a worker process is started: its arguments, and the file in memory that it finds in place of the standard output.

/// The hidden first argument that makes an executable of this project a VM worker.
pub const WORKER_SUBCOMMAND: &str = "__vm-worker";

/// Size of the file through which workers share their start-up snapshot, bytes: several times what a snapshot takes.
pub const SNAPSHOT_ROOM: usize = 8 << 20;

/// What a worker does with that file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SnapshotFile {
    /// Puts its snapshot there.
    Write,
    /// Starts from the snapshot there.
    Read,
}

impl SnapshotFile {
    /// The argument that says it, up to its name.
    pub const ARGUMENT: &str = "--snapshot=";

    /// The name on the command line.
    pub fn name(self) -> &'static str {
        match self {
            SnapshotFile::Write => "write",
            SnapshotFile::Read => "read",
        }
    }

    /// What this name says.
    pub fn parse(name: &str) -> Option<SnapshotFile> {
        [SnapshotFile::Write, SnapshotFile::Read].into_iter().find(|file| file.name() == name)
    }
}
