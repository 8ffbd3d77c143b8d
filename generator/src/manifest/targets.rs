//! The shape of `targets.yaml`: the CPythons that the manifest speaks about.

use schemars::JsonSchema;
use serde::Deserialize;

use super::entry::Text;

/// `targets.yaml`.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct TargetsFile {
    /// The names that entries may have: C functions and types start with it, macros with it in
    /// capitals.
    #[schemars(with = "String")]
    pub prefix: Text,
    /// The CPythons that were observed, oldest first.
    pub pythons: Vec<Python>,
    /// Names of CPython's that no entry is about, and that are observed all the same.
    #[serde(default)]
    pub watched: Vec<Watched>,
}

/// Names that are watched for one reason.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Watched {
    /// What they have in common, as a heading.
    #[schemars(with = "String")]
    pub about: Text,
    /// The names, and nothing about them.
    #[schemars(with = "Vec<String>")]
    pub names: Vec<Text>,
}

/// One version of CPython.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Python {
    /// Its version, quoted.
    #[schemars(with = "String")]
    pub version: Text,
    /// The builds it comes in: `gil`, `ft`.
    #[schemars(with = "Vec<String>")]
    pub builds: Vec<Text>,
    /// The first `Py_LIMITED_API` that its free-threaded headers accept, where they accept any.
    #[serde(default)]
    #[schemars(with = "Option<String>")]
    pub abi3t_since: Option<Text>,
}
