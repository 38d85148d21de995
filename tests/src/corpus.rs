//! Every policy of the project: files of all folders, and blocks of the documents.

use std::fs;
use std::path::Path;

use seccomp_compiler::SourceFile;
use seccomp_compiler::policy::Policy;

use crate::documents::{blocks, documents};
use crate::scratch::workspace;

/// The texts that read as policies, with names for messages. Those of compile errors are among them, as far as what is
/// wrong is not their text.
pub fn corpus() -> Vec<(SourceFile, Policy)> {
    let files = texts().into_iter().map(|(name, text)| SourceFile::new(name, text));
    files.filter_map(|file| Policy::read(&file).ok().map(|policy| (file, policy))).collect()
}

/// Every text that is to be a policy, whether it reads as one or not.
pub fn texts() -> Vec<(String, Vec<u8>)> {
    let mut texts = Vec::new();
    add(&workspace(), &mut texts);
    let blocks = documents().into_iter().flat_map(|document| blocks(&document));
    texts.extend(blocks.map(|block| (block.name, block.text.into_bytes())));
    texts
}

fn add(folder: &Path, texts: &mut Vec<(String, Vec<u8>)>) {
    for entry in fs::read_dir(folder).expect("a folder can be read") {
        let path = entry.expect("an entry can be read").path();
        let name = path.file_name().and_then(|name| name.to_str()).unwrap_or_default();
        if path.is_dir() && name != "target" && !name.starts_with('.') {
            add(&path, texts);
        } else if path.extension().is_some_and(|end| end == "yaml") {
            let name = path.strip_prefix(workspace()).unwrap_or(&path).display().to_string();
            texts.push((name, fs::read(&path).expect("a policy can be read")));
        }
    }
}
