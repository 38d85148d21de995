//! The policies to start from are those of the folder `policies`, except Elastic's.

use std::fs;
use std::path::Path;

use seccomp_tools::ready::READY;

#[test]
fn every_policy_of_the_project_is_ready() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("policies");
    let entries = fs::read_dir(folder).expect("the folder is there");
    let names =
        entries.map(|entry| entry.expect("an entry can be read").file_name().to_string_lossy().into_owned());
    let names = names.filter_map(|name| name.strip_suffix(".yaml").map(str::to_owned));
    let mut names: Vec<String> = names.filter(|name| !name.starts_with("beats-")).collect();
    let mut ready: Vec<&str> = READY.iter().map(|ready| ready.name).collect();
    names.sort();
    ready.sort_unstable();
    assert_eq!(ready, names);
}
