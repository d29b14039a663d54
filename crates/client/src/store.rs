//! Credentials on disk: one file, readable by its owner alone, replaced as a whole, never seen half-written.
//!
//! Readers take no lock, because a rename is seen entirely or not at all. Whoever writes holds an exclusive lock on a
//! file beside it from before reading until after the rename, across programs.

mod contents;

use crate::{Dialect, Tokens};
use contents::{Contents, VERSION};
use serde::{Deserialize, Serialize};
use std::fmt;
use std::fs::{self, File, OpenOptions};
use std::io::{self, Write as _};
use std::path::{Path, PathBuf};

const FILE: &str = "credentials.json";
const NEW_FILE: &str = "credentials.json.new";
const LOCK_FILE: &str = "credentials.lock";

/// Which login: several may be kept side by side.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct LoginKey {
    /// The server's address.
    pub server: String,
    /// The organization's id.
    pub org: String,
    /// How it was asked for. Credentials that were kept before there was a choice do not say.
    #[serde(default, skip_serializing_if = "Dialect::is_default")]
    pub dialect: Dialect,
    /// The program's id; empty where programs have none ([`Dialect::ApiKey`]).
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub client_id: String,
}

/// A login that is kept.
#[derive(Clone, Debug)]
pub struct Login {
    /// Where, and by which program.
    pub key: LoginKey,
    /// What it yielded.
    pub tokens: Tokens,
}

/// Which logins are meant: those that agree with each part given.
#[derive(Clone, Debug, Default)]
pub struct Selection {
    /// The server's address.
    pub server: Option<String>,
    /// The organization's id.
    pub org: Option<String>,
    /// How it was asked for.
    pub dialect: Option<Dialect>,
    /// The program's id.
    pub client_id: Option<String>,
}

impl Selection {
    fn takes(&self, key: &LoginKey) -> bool {
        let agrees = |wanted: &Option<String>, has: &str| wanted.as_deref().is_none_or(|wanted| wanted == has);
        agrees(&self.server, &key.server)
            && agrees(&self.org, &key.org)
            && self.dialect.is_none_or(|wanted| wanted == key.dialect)
            && agrees(&self.client_id, &key.client_id)
    }
}

impl From<LoginKey> for Selection {
    fn from(key: LoginKey) -> Self {
        Self {
            server: Some(key.server),
            org: Some(key.org),
            dialect: Some(key.dialect),
            client_id: Some(key.client_id).filter(|client_id| !client_id.is_empty()),
        }
    }
}

/// Why credentials can't be read or written.
#[derive(Debug)]
pub enum StoreError {
    /// Neither `XDG_CONFIG_HOME` nor `HOME` says where.
    NoFolder,
    /// A file can't be read or written.
    File {
        /// Which.
        path: PathBuf,
        /// Why.
        source: io::Error,
    },
    /// The file is not one that this version wrote.
    Damaged(PathBuf),
    /// More than one login is meant, and none of them is the current one.
    Several,
}

impl fmt::Display for StoreError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NoFolder => f.write_str("There is no place for credentials: set HOME or XDG_CONFIG_HOME."),
            Self::File { path, source } => write!(f, "{} can't be read or written: {source}.", path.display()),
            Self::Damaged(path) => {
                write!(f, "{} is damaged or of a newer version. Remove it, then sign in again.", path.display())
            }
            Self::Several => f.write_str("Several sign-ins fit. Say which server and organization you mean."),
        }
    }
}

impl std::error::Error for StoreError {}

/// The credentials in one folder.
#[derive(Clone, Debug)]
pub struct Store {
    folder: PathBuf,
}

impl Store {
    /// The credentials in this folder, which is made when something is kept.
    pub fn at(folder: PathBuf) -> Self {
        Self { folder }
    }

    /// `$XDG_CONFIG_HOME/doorward`, or `~/.config/doorward` where that is not set to an absolute path.
    ///
    /// # Errors
    /// [`StoreError::NoFolder`] where the environment names neither.
    pub fn usual_folder() -> Result<PathBuf, StoreError> {
        let absolute = |name: &str| std::env::var_os(name).map(PathBuf::from).filter(|path| path.is_absolute());
        absolute("XDG_CONFIG_HOME")
            .or_else(|| absolute("HOME").map(|home| home.join(".config")))
            .map(|folder| folder.join("doorward"))
            .ok_or(StoreError::NoFolder)
    }

    /// The login that is meant: of those selected the current one, or else the only one. Nothing where none is kept.
    ///
    /// # Errors
    /// [`StoreError::Several`]; and those of reading.
    pub fn find(&self, selection: &Selection) -> Result<Option<Login>, StoreError> {
        let contents = self.read()?;
        let mut fitting: Vec<_> = contents.logins.into_iter().filter(|login| selection.takes(&login.key)).collect();
        let current = fitting.iter().position(|login| Some(&login.key) == contents.current.as_ref());
        match (current, fitting.len()) {
            (Some(at), _) => Ok(Some(fitting.swap_remove(at).into())),
            (None, 0 | 1) => Ok(fitting.pop().map(Login::from)),
            (None, _) => Err(StoreError::Several),
        }
    }

    /// The login under exactly this key.
    ///
    /// # Errors
    /// Those of reading.
    pub fn get(&self, key: &LoginKey) -> Result<Option<Login>, StoreError> {
        Ok(self.read()?.logins.into_iter().find(|login| login.key == *key).map(Login::from))
    }

    /// Keeps a login, in place of an earlier one under the same key, and makes it the current one.
    ///
    /// # Errors
    /// Those of reading and writing.
    pub async fn keep(&self, login: Login) -> Result<(), StoreError> {
        self.lock().await?.change(|contents| {
            contents.current = Some(login.key.clone());
            contents.put(login);
        })
    }

    /// Removes a login; the caller has revoked it, or wants it forgotten.
    ///
    /// # Errors
    /// Those of reading and writing.
    pub async fn remove(&self, key: &LoginKey) -> Result<(), StoreError> {
        self.lock().await?.remove(key)
    }

    /// Waits until no other program is changing the credentials.
    pub(crate) async fn lock(&self) -> Result<Locked, StoreError> {
        let store = self.clone();
        // Taking the lock blocks, and the task that holds it may need this very thread to finish.
        let locked = tokio::task::spawn_blocking(move || store.lock_now()).await;
        locked.unwrap_or_else(|join| Err(StoreError::File { path: self.folder.join(LOCK_FILE), source: join.into() }))
    }

    fn lock_now(self) -> Result<Locked, StoreError> {
        make_private_folder(&self.folder).map_err(at(&self.folder))?;
        let path = self.folder.join(LOCK_FILE);
        let file =
            private(OpenOptions::new().write(true).create(true).truncate(false)).open(&path).map_err(at(&path))?;
        file.lock().map_err(at(&path))?;
        Ok(Locked { store: self, _file: file })
    }

    fn read(&self) -> Result<Contents, StoreError> {
        let path = self.folder.join(FILE);
        let text = match fs::read(&path) {
            Ok(text) => text,
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Contents::default()),
            Err(error) => return Err(at(&path)(error)),
        };
        match serde_json::from_slice::<Contents>(&text) {
            Ok(contents) if contents.version == VERSION => Ok(contents),
            _ => Err(StoreError::Damaged(path)),
        }
    }

    fn write(&self, contents: &Contents) -> Result<(), StoreError> {
        let (path, new) = (self.folder.join(FILE), self.folder.join(NEW_FILE));
        let write = || {
            // One that a crash left behind is not written into: its permissions are whatever they are.
            match fs::remove_file(&new) {
                Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(error),
                _ => {}
            }
            let mut file = private(OpenOptions::new().write(true).create_new(true)).open(&new)?;
            serde_json::to_writer_pretty(&mut file, contents)?;
            file.write_all(b"\n")?;
            // A refresh token is spent once the server has answered: its successor must survive a power cut.
            file.sync_all()?;
            fs::rename(&new, &path)?;
            File::open(&self.folder)?.sync_all()
        };
        write().map_err(at(&path))
    }
}

/// The right to change the credentials; given back when dropped.
pub(crate) struct Locked {
    store: Store,
    _file: File,
}

impl Locked {
    pub(crate) fn get(&self, key: &LoginKey) -> Result<Option<Login>, StoreError> {
        self.store.get(key)
    }

    /// Keeps a login without making it the current one.
    pub(crate) fn update(&self, login: Login) -> Result<(), StoreError> {
        self.change(|contents| contents.put(login))
    }

    pub(crate) fn remove(&self, key: &LoginKey) -> Result<(), StoreError> {
        self.change(|contents| {
            contents.logins.retain(|login| login.key != *key);
            contents.current.take_if(|current| current == key);
        })
    }

    fn change(&self, change: impl FnOnce(&mut Contents)) -> Result<(), StoreError> {
        let mut contents = self.store.read()?;
        change(&mut contents);
        self.store.write(&contents)
    }
}

fn at(path: &Path) -> impl Fn(io::Error) -> StoreError {
    move |source| StoreError::File { path: path.to_owned(), source }
}

fn private(options: &mut OpenOptions) -> &mut OpenOptions {
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(options, 0o600);
    options
}

fn make_private_folder(folder: &Path) -> io::Result<()> {
    let mut builder = fs::DirBuilder::new();
    builder.recursive(true);
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
    builder.create(folder)?;
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt as _;
        if fs::metadata(folder)?.permissions().mode() & 0o077 != 0 {
            fs::set_permissions(folder, fs::Permissions::from_mode(0o700))?;
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests;
