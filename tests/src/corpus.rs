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
    let mut files = Vec::new();
    add(&workspace(), &mut files);
    let blocks = documents().into_iter().flat_map(|document| blocks(&document));
    files.extend(blocks.map(|block| SourceFile::new(block.name, block.text)));
    let read = |file: SourceFile| Policy::read(&file).ok().map(|policy| (file, policy));
    files.into_iter().filter_map(read).collect()
}

fn add(folder: &Path, files: &mut Vec<SourceFile>) {
    for entry in fs::read_dir(folder).expect("a folder can be read") {
        let path = entry.expect("an entry can be read").path();
        let name = path.file_name().and_then(|name| name.to_str()).unwrap_or_default();
        if path.is_dir() && name != "target" && !name.starts_with('.') {
            add(&path, files);
        } else if path.extension().is_some_and(|end| end == "yaml") {
            let name = path.strip_prefix(workspace()).unwrap_or(&path).display().to_string();
            files.push(SourceFile::new(name, fs::read(&path).expect("a policy can be read")));
        }
    }
}
