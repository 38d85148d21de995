//! The blocks of YAML in the documents, as policies that can be compiled.
//!
//! The word behind the fence says what a block is:
//!
//! - `yaml`: a whole policy;
//! - `yaml,group`: items of `syscalls`; a default action is put before them;
//! - `yaml,root`: keys at the root; a default action and a group are put behind them;
//! - `yaml,file=NAME`: a file that later blocks of the document include.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use seccomp_compiler::{Architecture, Code, Compiled, Compiler, Diagnostics, LoadError, SourceFile};

use crate::scratch::workspace;

/// A policy of a document, with the files that come before it there.
#[derive(Debug)]
pub struct Block {
    /// The document and the line, as messages name them.
    pub name: String,
    /// The policy.
    pub text: String,
    /// What it may include.
    pub files: BTreeMap<String, String>,
    /// The heading that it is under.
    pub heading: String,
}

/// Every document for users.
pub fn documents() -> Vec<PathBuf> {
    let root = workspace();
    let mut found = vec![root.join("README.md"), root.join("policies/README.md")];
    for folder in ["docs", "seccomp-runtime/docs", "seccomp-tools/docs"] {
        let entries = fs::read_dir(root.join(folder)).expect("the folder of the documents is there");
        found.extend(entries.map(|entry| entry.expect("an entry can be read").path()));
    }
    found.retain(|path| path.extension().is_some_and(|end| end == "md"));
    found.sort();
    found
}

/// The policies of a document, completed.
pub fn blocks(document: &Path) -> Vec<Block> {
    let text = fs::read_to_string(document).expect("a document is text");
    let name = document.strip_prefix(workspace()).expect("a document is in the project").display();
    let mut blocks = Vec::new();
    let mut files = BTreeMap::new();
    let mut heading = String::new();
    let mut lines = text.lines().enumerate();
    while let Some((number, line)) = lines.next() {
        if let Some(title) = line.strip_prefix("## ") {
            heading = title.to_owned();
        }
        let Some(kind) = line.strip_prefix("```").filter(|kind| !kind.is_empty()) else { continue };
        let body: Vec<&str> =
            lines.by_ref().map(|(_, line)| line).take_while(|line| !line.starts_with("```")).collect();
        let body = body.join("\n") + "\n";
        let name = format!("{name}:{}", number + 1);
        let text = match kind {
            "yaml" => body,
            "yaml,group" => format!("default_action: allow\nsyscalls:\n{body}"),
            "yaml,root" => {
                format!("{body}default_action: allow\nsyscalls: [{{action: errno, names: [reboot]}}]\n")
            }
            _ => {
                let Some(file) = kind.strip_prefix("yaml,file=") else {
                    assert!(!kind.starts_with("yaml"), "{name}: `{kind}` is no kind of block");
                    continue;
                };
                files.insert(file.to_owned(), body);
                continue;
            }
        };
        blocks.push(Block { name, text, files: files.clone(), heading: heading.clone() });
    }
    blocks
}

impl Block {
    /// The policy on one architecture. It can include files that the document shows, and those beside the document.
    ///
    /// # Errors
    ///
    /// Its problems.
    pub fn compile(&self, architecture: &'static Architecture) -> Result<Compiled, Diagnostics> {
        let load = |path: &str| {
            let name = path.rsplit_once('/').map_or(path, |(_, name)| name);
            let shown = self.files.get(name).map(|text| text.clone().into_bytes());
            shown.or_else(|| fs::read(workspace().join(path)).ok()).ok_or(LoadError::NotFound)
        };
        Compiler::for_architecture(architecture)
            .loader(&load)
            .compile(&SourceFile::new(self.name.clone(), self.text.clone()))
    }

    /// The policy on x86_64, or else wherever its `architectures` say that it is meant for.
    ///
    /// # Panics
    ///
    /// Where it is wrong.
    pub fn compiled(&self) -> Vec<Compiled> {
        let first = Architecture::find("x86_64").expect("it is in the table");
        let elsewhere =
            |problems: &Diagnostics| problems.iter().all(|problem| problem.code == Code::OtherArchitecture);
        let compiled = |architecture| match self.compile(architecture) {
            Ok(compiled) => Some(compiled),
            Err(problems) if elsewhere(&problems) => None,
            Err(problems) => panic!("{} on {architecture}:\n{problems}", self.name),
        };
        match compiled(first) {
            Some(compiled) => vec![compiled],
            None => Architecture::all().filter_map(compiled).collect(),
        }
    }
}
