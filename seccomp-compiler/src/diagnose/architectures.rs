//! Problems with the architectures that a policy, a group or an expectation is for.

use crate::diagnose::code::Code;
use crate::diagnose::declare::problems;
use crate::diagnose::document::Part;
use crate::diagnose::message::{Message, all_of, message};
use crate::kernel::architecture::Architecture;

problems! {
    /// What can be wrong with where a policy applies.
    enum ArchitectureProblem;

    /// The policy is not for the target.
    error "other-architecture" OtherArchitecture {
        architecture: &'static Architecture, listed: Vec<&'static str>
    } =>
        message(format!("the policy is not for {architecture}"))
            .label(format!("{architecture} is not listed"))
            .help(format!("it is for {}; add `{architecture}` if it applies there too", all_of(listed)));

    /// No group of the policy applies to the target.
    error "no-group-left" NoGroupLeft { architecture: &'static Architecture } =>
        message(format!("no group of the policy applies to {architecture}"))
            .help(format!("add a group for {architecture}, or list the policy's `architectures:` at the root"));

    /// A group or an expectation that applies to none of the policy's architectures.
    error "applies-nowhere" AppliesNowhere { part: Part } =>
        message(format!("{part} applies to none of the architectures that the policy is for"))
            .label("never applies")
            .help("remove it, or correct its names or one of the `architectures:` lists");
}
