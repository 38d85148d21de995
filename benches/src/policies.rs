//! The policies of the figures.

use std::path::{Path, PathBuf};

use seccomp_compiler::{Architecture, Compiled, Compiler, SourceFile};

/// A policy by its place in the project.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Policy {
    pub(crate) title: &'static str,
    pub(crate) path: &'static str,
}

/// A container's default, Beats' two kinds, and a virtual machine monitor's.
pub(crate) const POLICIES: [Policy; 4] = [
    Policy { title: "container default", path: "policies/container-default.yaml" },
    Policy { title: "Beats allowlist", path: "policies/beats-default-x86_64.yaml" },
    Policy { title: "Beats blocklist", path: "policies/beats-example.yaml" },
    Policy { title: "virtual machine", path: "benches/policies/virtual-machine.yaml" },
];

impl Policy {
    /// The policy on an architecture; none where it is not meant for it.
    pub(crate) fn compiled(self, architecture: &'static Architecture) -> Option<Compiled> {
        let text = std::fs::read(project().join(self.path)).ok()?;
        Compiler::for_architecture(architecture).compile(&SourceFile::new(self.path, text)).ok()
    }
}

pub(crate) fn x86_64() -> &'static Architecture {
    Architecture::find("x86_64").unwrap_or_else(|| unreachable!("it is in the table"))
}

pub(crate) fn project() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("..")
}
