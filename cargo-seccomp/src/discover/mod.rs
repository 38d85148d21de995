//! The policies of a package, for a command that names none: those of its sources, or else of its folder `policies`.

mod sources;

use std::env;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use serde_json::Value;

use crate::outcome::Failure;
use crate::wording::count;
use sources::{Named, policies_named_in};

/// Policies, and where they were found.
#[derive(Debug)]
pub(crate) struct Discovered {
    pub(crate) policies: Vec<Policy>,
    /// What they are, in words: `the policy that the sources of `server` name`.
    pub(crate) origin: String,
}

/// A policy that is checked.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Policy {
    pub(crate) path: PathBuf,
    /// Whether a build of what uses it fails if it has warnings.
    pub(crate) denies_warnings: bool,
}

impl Policy {
    /// A policy that nobody is known to use.
    pub(crate) fn alone(path: PathBuf) -> Self {
        Self { path, denies_warnings: false }
    }
}

/// A package: its name, its folder, and the files with its crates' roots.
struct Package {
    name: String,
    folder: PathBuf,
    /// The roots of its library and programs, beside or below which all of their sources are taken to be.
    crates: Vec<PathBuf>,
    /// Those of its tests, examples and benchmarks, which are often a file each in one folder.
    others: Vec<PathBuf>,
}

/// The policies of the package in the current directory, or of all packages of the workspace if there is none.
pub(crate) fn policies() -> Result<Discovered, Failure> {
    let here = env::current_dir().map_err(|error| Failure::NoDirectory { error })?;
    let packages = manifest(&here).map_or(Ok(Vec::new()), |manifest| packages(&manifest))?;
    let whose = match &packages[..] {
        [] => None,
        [package] => Some(format!("the sources of `{}`", package.name)),
        packages => Some(format!("the sources of {}", count(packages.len(), "package"))),
    };
    let mut named: Vec<Policy> = packages.iter().flat_map(Package::named).collect();
    let mut folders: Vec<PathBuf> = packages.iter().map(|package| package.folder.clone()).collect();
    folders.push(here.clone());
    let beside = folders.iter().flat_map(|folder| in_folder(&folder.join("policies")));
    let mut beside: Vec<Policy> = beside.map(Policy::alone).collect();
    let (policies, origin) = match whose {
        Some(whose) if !named.is_empty() => (&mut named, format!("that {whose} name")),
        Some(whose) => (&mut beside, format!("in `policies`, since {whose} name none")),
        None => (&mut beside, "in `policies`, since this is no package".to_owned()),
    };
    if policies.is_empty() {
        return Err(Failure::NoPolicies);
    }
    policies.sort();
    policies.dedup_by(|again, first| {
        let is_same = again.path == first.path;
        first.denies_warnings |= is_same && again.denies_warnings;
        is_same
    });
    let policies: Vec<Policy> = policies
        .iter()
        .map(|policy| Policy {
            path: policy.path.strip_prefix(&here).unwrap_or(&policy.path).to_owned(),
            ..*policy
        })
        .collect();
    let number = policies.len();
    let these = if number == 1 { "the policy".to_owned() } else { format!("the {number} policies") };
    Ok(Discovered { policies, origin: format!("{these} {origin}") })
}

/// The nearest manifest, as cargo finds it.
fn manifest(here: &Path) -> Option<PathBuf> {
    here.ancestors().map(|folder| folder.join("Cargo.toml")).find(|manifest| manifest.is_file())
}

/// The path of a file as the macros take it, relative to the package, if it is in one. Of an absolute path, which they do
/// not take, it is the name.
pub(crate) fn path_in_package(path: &Path) -> String {
    let relative = || {
        let path = fs::canonicalize(path).ok()?;
        Some(path.strip_prefix(manifest(&path)?.parent()?).ok()?.to_owned())
    };
    let name = || path.file_name().filter(|_| path.is_absolute()).map(PathBuf::from);
    let path = relative().or_else(name).unwrap_or_else(|| path.to_owned());
    path.components().map(|part| part.as_os_str().to_string_lossy()).collect::<Vec<_>>().join("/")
}

/// The folder that cargo builds into, for the package or workspace in the current directory.
pub(crate) fn target_directory() -> Result<PathBuf, Failure> {
    let here = env::current_dir().map_err(|error| Failure::NoDirectory { error })?;
    let manifest = manifest(&here).ok_or(Failure::NoPackage)?;
    let metadata = metadata(&manifest)?;
    Ok(PathBuf::from(metadata["target_directory"].as_str().unwrap_or("target")))
}

/// The package with this manifest, or those of the workspace if the manifest has none.
fn packages(manifest: &Path) -> Result<Vec<Package>, Failure> {
    let metadata = metadata(manifest)?;
    let packages = metadata["packages"].as_array().into_iter().flatten();
    let (own, others): (Vec<&Value>, Vec<&Value>) = packages.partition(|package| {
        package["manifest_path"].as_str().is_some_and(|path| Path::new(path) == manifest)
    });
    let packages = if own.is_empty() { others } else { own };
    Ok(packages.into_iter().map(Package::new).collect())
}

/// What cargo says about a package or workspace.
fn metadata(manifest: &Path) -> Result<Value, Failure> {
    let cargo = env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
    let mut command = Command::new(cargo);
    command
        .args(["metadata", "--no-deps", "--offline", "--format-version=1", "--manifest-path"])
        .arg(manifest);
    let output = command.output().map_err(|error| Failure::Cargo { reason: error.to_string() })?;
    serde_json::from_slice(&output.stdout).map_err(|_| {
        let reason = String::from_utf8_lossy(&output.stderr);
        Failure::Cargo { reason: reason.trim().trim_start_matches("error: ").to_owned() }
    })
}

impl Package {
    fn new(metadata: &Value) -> Self {
        let (mut crates, mut others) = (Vec::new(), Vec::new());
        for target in metadata["targets"].as_array().into_iter().flatten() {
            let root = PathBuf::from(target["src_path"].as_str().unwrap_or_default());
            match target["kind"][0].as_str() {
                Some("custom-build") => {}
                Some("test" | "example" | "bench") => others.push(root),
                _ => crates.push(root),
            }
        }
        let manifest = Path::new(metadata["manifest_path"].as_str().unwrap_or_default());
        Self {
            name: metadata["name"].as_str().unwrap_or_default().to_owned(),
            folder: manifest.parent().unwrap_or(manifest).to_owned(),
            crates,
            others,
        }
    }

    /// The policies that its sources name. Paths in the macros are relative to the package.
    fn named(&self) -> Vec<Policy> {
        let mut sources = Vec::new();
        for root in &self.crates {
            self.sources_beside(root, &mut sources);
        }
        for root in &self.others {
            if root.ends_with("main.rs") {
                self.sources_beside(root, &mut sources);
            } else {
                sources.push(root.clone());
            }
        }
        sources.sort();
        sources.dedup();
        // A source that cannot be read, or is no text, is for rustc to complain of.
        let texts = sources.iter().filter_map(|source| fs::read_to_string(source).ok());
        let named = texts.flat_map(|text| policies_named_in(&text));
        let policy =
            |Named { path, denies_warnings }| Policy { path: self.folder.join(path), denies_warnings };
        named.map(policy).collect()
    }

    /// The sources in the folder of a crate's root and below it; not below the folder of the package, where the
    /// sources of all its crates are, and others.
    fn sources_beside(&self, root: &Path, sources: &mut Vec<PathBuf>) {
        let Some(folder) = root.parent() else { return };
        let mut pending = vec![folder.to_owned()];
        while let Some(folder) = pending.pop() {
            for path in entries(&folder) {
                if path.is_dir() {
                    if folder != self.folder && !path.join("Cargo.toml").exists() {
                        pending.push(path);
                    }
                } else if path.extension().is_some_and(|end| end == "rs") {
                    sources.push(path);
                }
            }
        }
    }
}

/// The policies in a folder. By convention, a profile is beside its policy, as `NAME.profile.yaml`.
fn in_folder(folder: &Path) -> Vec<PathBuf> {
    let mut paths = entries(folder);
    paths.retain(|path| {
        let name = path.file_name().unwrap_or_default().to_string_lossy();
        [".yaml", ".yml"].iter().any(|end| name.ends_with(end) && !name.ends_with(&format!(".profile{end}")))
    });
    paths
}

/// What is in a folder; nothing if it is not there.
fn entries(folder: &Path) -> Vec<PathBuf> {
    fs::read_dir(folder).into_iter().flatten().filter_map(|entry| Some(entry.ok()?.path())).collect()
}
