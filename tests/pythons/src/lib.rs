//! Finds and fetches the CPythons that pyshim is tested on.
//!
//! [`found()`] names every place where this machine may keep a CPython, asks each executable there
//! what it is, and keeps the best one of each [`Label`]. [`ensure()`] wants the five of
//! [`REQUIRED`]: it looks with `found`, lets `uv` install what is missing, and where `uv` can't,
//! puts interpreters together from PyPI's and Debian's packages (`assemble/`) in a cache outside
//! the checkout.
//!
//! | variable | meaning |
//! |---|---|
//! | `PYSHIM_PYTHONS` | executables (separated as in `PATH`) that are taken before all others |
//! | `PYSHIM_PYTHONS_UV` | `0`: never call `uv`; `1`: wait for its downloads as long as they take |
//! | `PYSHIM_CACHE` | the cache's folder, not `$XDG_CACHE_HOME/pyshim` or `~/.cache/pyshim` |

mod assemble;
mod cache;
mod ensure;
mod error;
mod found;
mod interrogation;
mod label;
mod process;
mod python;
mod uv;

pub use cache::folder as cache_folder;
pub use ensure::{REQUIRED, ensure};
pub use error::Error;
pub use found::found;
pub use label::Label;
pub use python::{Origin, Python, Version};
