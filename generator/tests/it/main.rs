//! What the generator and its command do. One program, for each would link all of the generator.

#[cfg(all(target_os = "linux", target_arch = "x86_64"))]
mod assembled;
mod audit;
#[path = "../support/big.rs"]
mod big;
#[cfg(feature = "clang")]
mod clang;
mod cli;
mod compare;
#[path = "../support/compilers.rs"]
mod compilers;
mod conditions;
mod config;
mod damaged;
mod diff_properties;
#[path = "../support/elf.rs"]
mod elf;
mod folders;
mod glue;
mod html;
mod importing;
#[path = "../support/large.rs"]
mod large;
mod layout;
mod mutations;
mod new;
mod observing;
mod outputs;
mod processors;
#[path = "../support/project.rs"]
mod project;
mod report;
mod scale;
#[path = "../support/scratch.rs"]
mod scratch;
#[path = "../support/snapshot.rs"]
mod snapshot;
mod snapshots;
#[path = "../support/zip.rs"]
mod zip;
