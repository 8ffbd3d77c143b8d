//! Who puts a wheel into an environment.

use std::path::Path;
use std::process::Command;

/// Those that people use.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Installer {
    Pip,
    Uv,
}

impl Installer {
    pub(crate) const ALL: [Self; 2] = [Self::Pip, Self::Uv];

    /// Installs what is named next into another environment, and asks no index for it.
    pub(crate) fn into(self, tool: impl Fn(&str) -> Command, environment: &Path) -> Command {
        let mut command = match self {
            Self::Pip => tool("python"),
            Self::Uv => tool("uv"),
        };
        match self {
            Self::Pip => command
                .args(["-m", "pip", "--python"])
                .arg(environment)
                .arg("install"),
            Self::Uv => command
                .args(["pip", "install", "--python"])
                .arg(environment),
        };
        command.args(["--quiet", "--no-index"]);
        command
    }
}
