//! The facts of one problem, and what they share whatever their area.

use crate::diagnose::architectures::ArchitectureProblem;
use crate::diagnose::code::Code;
use crate::diagnose::conditions::ConditionProblem;
use crate::diagnose::document::DocumentProblem;
use crate::diagnose::filter::FilterProblem;
use crate::diagnose::lints::LintProblem;
use crate::diagnose::message::Message;
use crate::diagnose::names::NameProblem;
use crate::diagnose::rules::RuleProblem;

/// Declares the problems of one area, each in one place: severity, code, facts, and the message made of them.
macro_rules! problems {
    (
        $(#[$area_doc:meta])*
        enum $area:ident;
        $(
            $(#[$doc:meta])*
            $severity:ident $name:literal $code:ident $({ $($fact:ident: $kind:ty),* })? => $message:expr;
        )*
    ) => {
        $(#[$area_doc])*
        #[derive(Debug, Clone, PartialEq, Eq)]
        pub(crate) enum $area {
            $($(#[$doc])* $code $({ $($fact: $kind),* })?,)*
        }

        impl $area {
            pub(super) const CODES: &'static [Code] = &[$(Code::$code),*];

            pub(super) const fn code(&self) -> Code {
                match self {
                    $(Self::$code { .. } => Code::$code,)*
                }
            }

            pub(crate) fn message(&self) -> Message {
                match self {
                    $(Self::$code $({ $($fact),* })? => $message,)*
                }
            }
        }

        #[expect(non_upper_case_globals, reason = "codes and problems have the same names")]
        impl Code {
            $(
                $(#[$doc])*
                pub const $code: Self = Self::$severity($name);
            )*
        }
    };
}
pub(super) use problems;

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
