//! The command `pyshim`.

use std::process::ExitCode;

fn main() -> ExitCode {
    pyshim_gen::cli::main()
}
