//! A problem of any area.

use crate::diagnose::architectures::ArchitectureProblem;
use crate::diagnose::code::Code;
use crate::diagnose::conditions::ConditionProblem;
use crate::diagnose::document::DocumentProblem;
use crate::diagnose::filter::FilterProblem;
use crate::diagnose::lints::LintProblem;
use crate::diagnose::message::Message;
use crate::diagnose::names::NameProblem;
use crate::diagnose::rules::RuleProblem;

/// Makes one type of the areas.
macro_rules! areas {
    ($($name:ident($area:ident),)*) => {
        /// The facts of one problem.
        #[derive(Debug, Clone, PartialEq, Eq)]
        pub(crate) enum Problem {
            $($name($area),)*
        }

        impl Problem {
            pub(crate) const fn code(&self) -> Code {
                match self {
                    $(Self::$name(problem) => problem.code(),)*
                }
            }

            pub(crate) fn message(&self) -> Message {
                match self {
                    $(Self::$name(problem) => problem.message(),)*
                }
            }
        }

        impl Code {
            /// Every code.
            pub fn all() -> impl Iterator<Item = Self> {
                [$($area::CODES),*].into_iter().flatten().copied()
            }
        }

        $(
            impl From<$area> for Problem {
                fn from(problem: $area) -> Self {
                    Self::$name(problem)
                }
            }
        )*
    };
}

areas! {
    Document(DocumentProblem),
    Name(NameProblem),
    Condition(ConditionProblem),
    Rule(RuleProblem),
    Architecture(ArchitectureProblem),
    Filter(FilterProblem),
    Lint(LintProblem),
}

impl Problem {
    /// The calls that a warning is about, without what is said of their arguments.
    pub(crate) fn calls(&self) -> Vec<&str> {
        match self {
            Self::Lint(problem) => problem.calls(),
            Self::Condition(problem) => problem.call().into_iter().collect(),
            Self::Document(_) | Self::Name(_) | Self::Rule(_) | Self::Architecture(_) | Self::Filter(_) => {
                Vec::new()
            }
        }
    }
}
