//! What others call: the action, the hook for pre-commit, and cibuildwheel's command; and what our own
//! workflows say of versions.

use std::collections::BTreeMap;
use std::path::Path;
use std::process::Command;

use pyshim_gen::model::when::Build;
use serde::Deserialize;

use crate::zip::{self, Member};
use crate::{compilers, scratch};

const ROOT: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/..");
const PYSHIM: &str = env!("CARGO_BIN_EXE_pyshim");

/// Two wheels: one that keeps its promise, and one that does not.
fn wheels(folder: &Path) -> [(String, i32); 2] {
    let wheels = [
        ("good", "void *PyInit_demo(void) { return 0; }\n", 0),
        (
            "bad",
            "extern void *PyUnicode_New(void);\nvoid *PyInit_demo(void) { return PyUnicode_New(); }\n",
            1,
        ),
    ];
    wheels.map(|(name, source, code)| {
        let (c, module) = (folder.join("demo.c"), folder.join("demo.so"));
        scratch::write(&c, source);
        let mut cc = Command::new("cc");
        cc.args(["-w", "-shared", "-fPIC", "-nostdlib"])
            .arg(c)
            .arg("-o")
            .arg(&module);
        compilers::run(&mut cc).expect("it compiles");
        let data = std::fs::read(module).expect("a module");
        // A blank in the name is what shells stumble on.
        let place = folder.join(format!("{name} ones"));
        std::fs::create_dir(&place).expect("a folder can be made");
        let wheel = place.join("demo-1.0-cp312-abi3-linux_x86_64.whl");
        let bytes = zip::write(&[Member::new("demo/demo.abi3.so", &data)]);
        std::fs::write(&wheel, bytes).expect("a file");
        (wheel.display().to_string(), code)
    })
}

fn read<T: for<'de> Deserialize<'de>>(file: &str) -> T {
    let text = std::fs::read_to_string(Path::new(ROOT).join(file)).expect("the file is there");
    serde_saphyr::from_str(&text).expect("it is YAML of this shape")
}

#[derive(Deserialize)]
struct Action {
    runs: Runs,
}

#[derive(Deserialize)]
struct Runs {
    steps: Vec<Step>,
}

#[derive(Deserialize)]
struct Step {
    run: String,
}

#[cfg(all(target_os = "linux", target_arch = "x86_64"))]
#[test]
fn the_action_audits_and_says_how_it_ended() {
    let folder = scratch::folder();
    let bin = folder.path().join("pyshim/bin");
    std::fs::create_dir_all(&bin).expect("a folder can be made");
    std::os::unix::fs::symlink(PYSHIM, bin.join("pyshim")).expect("a link");
    let action: Action = read("action.yml");
    let script = &action.runs.steps.last().expect("there are steps").run;
    let run = |audit: &str, name: &str| {
        let out = |kind: &str| folder.path().join(format!("{name}-{kind}"));
        let status = Command::new("bash")
            .args(["-e", "-c", script])
            .env("RUNNER_TEMP", folder.path())
            .env("GITHUB_OUTPUT", out("output"))
            .env("GITHUB_STEP_SUMMARY", out("summary"))
            .envs([
                ("AUDIT", audit),
                ("OLD", ""),
                ("NEW", ""),
                ("FAIL_ON", "break"),
            ])
            .envs([("SUPPRESSIONS", ""), ("SARIF", ""), ("SUMMARY", "true")])
            .output()
            .expect("bash runs");
        let text = |kind| std::fs::read_to_string(out(kind)).unwrap_or_default();
        (status.status.code(), text("output"), text("summary"))
    };
    let wheels = wheels(folder.path());
    for (wheel, code) in &wheels {
        let (ended, output, summary) = run(wheel, &format!("one{code}"));
        assert_eq!(ended, Some(*code));
        assert_eq!(output, format!("exit-code={code}\n"));
        assert!(summary.contains("Which CPythons load it"), "{summary}");
    }
    let both = format!("{}\n{}\n", wheels[0].0, wheels[1].0);
    let (ended, _, summary) = run(&both, "both");
    assert_eq!(ended, Some(1));
    assert!(
        summary.contains("good ones") && summary.contains("bad ones"),
        "{summary}"
    );
    assert_eq!(run("", "none").0, Some(2));
}

#[cfg(all(target_os = "linux", target_arch = "x86_64"))]
#[test]
fn cibuildwheel_and_the_hook_get_the_exit_code() {
    let page =
        std::fs::read_to_string(Path::new(ROOT).join("docs/ci.md")).expect("the page is there");
    let line = page
        .lines()
        .find_map(|line| line.strip_prefix("audit-command = \""));
    let command = line
        .and_then(|line| line.strip_suffix('"'))
        .expect("the page has it");
    #[derive(Deserialize)]
    struct Hook {
        id: String,
        entry: String,
    }
    let hooks: Vec<Hook> = read(".pre-commit-hooks.yaml");
    let hook = hooks
        .iter()
        .find(|hook| hook.id == "pyshim-audit")
        .expect("there is the hook");
    // It builds pyshim and passes on what follows.
    let hook = hook.entry.replace(".github/pre-commit", "pyshim") + " {wheel}";
    let folder = scratch::folder();
    let bin = Path::new(PYSHIM)
        .parent()
        .expect("it is in a folder")
        .display();
    for (wheel, code) in wheels(folder.path()) {
        for command in [command, &hook] {
            // As cibuildwheel does it: the path is quoted for a shell.
            let line = command.replace("{wheel}", &format!("'{wheel}'"));
            let path = format!("{bin}:{}", std::env::var("PATH").unwrap_or_default());
            let ran = Command::new("sh")
                .args(["-c", &line])
                .env("PATH", path)
                .output();
            assert_eq!(ran.expect("sh runs").status.code(), Some(code), "{line}");
        }
    }
}

#[test]
fn wheels_of_which_nothing_is_examined_are_left_out_by_cibuildwheels_recipe() {
    let folder = scratch::folder();
    for (tags, member, start) in [
        (
            "cp314-cp314-pyemscripten_2026_0_wasm32",
            "demo/demo.cpython-314-wasm32-emscripten.so",
            b"\0asm\x01\0\0\0",
        ),
        (
            "py3-none-manylinux_2_28_x86_64",
            "demo-1.0.data/scripts/demo",
            b"\x7fELF\x02\x01\x01\0",
        ),
    ] {
        let wheel = folder.path().join(format!("demo-1.0-{tags}.whl"));
        std::fs::write(&wheel, zip::write(&[Member::new(member, start)])).expect("a file");
        let ran = Command::new(PYSHIM).arg("audit").arg(wheel).output();
        assert_eq!(ran.expect("it runs").status.code(), Some(3), "{tags}");
    }
    let page =
        std::fs::read_to_string(Path::new(ROOT).join("docs/ci.md")).expect("the page is there");
    for part in [
        "[tool.cibuildwheel.pyodide]\naudit-command = \"\"\n",
        "[[tool.cibuildwheel.overrides]]\nselect = ",
    ] {
        assert!(page.contains(part), "{part}");
    }
}

#[derive(Deserialize)]
struct Workflow {
    #[serde(default)]
    env: BTreeMap<String, String>,
    jobs: BTreeMap<String, Job>,
}

#[derive(Deserialize)]
struct Job {
    strategy: Option<Strategy>,
    #[serde(default)]
    steps: Vec<Named>,
}

#[derive(Deserialize)]
struct Strategy {
    matrix: Matrix,
}

#[derive(Deserialize)]
struct Matrix {
    #[serde(default)]
    python: Vec<String>,
}

#[derive(Deserialize)]
struct Named {
    name: Option<String>,
    run: Option<String>,
}

impl Job {
    /// The commands of a step.
    fn commands(&self, step: &str) -> &str {
        let mut steps = self.steps.iter();
        let step = steps.find(|one| one.name.as_deref() == Some(step));
        step.and_then(|one| one.run.as_deref())
            .expect("there is the step")
    }
}

/// Each CPython of the manifest, as `3.13t`.
fn labels() -> Vec<String> {
    let reading = pyshim_gen::read(&Path::new(ROOT).join("abi")).expect("the manifest is there");
    let model = reading.model.expect("the manifest is one");
    let mut labels = Vec::new();
    for python in &model.pythons.list {
        for build in &python.builds {
            let t = if *build == Build::Ft { "t" } else { "" };
            labels.push(format!("{}{t}", python.version));
        }
    }
    labels
}

#[test]
fn the_workflows_have_every_cpython_of_the_manifest() {
    let expected = labels();
    let verify: Workflow = read(".github/workflows/abi.yml");
    let strategy = verify.jobs["verify"].strategy.as_ref();
    assert_eq!(strategy.expect("a matrix").matrix.python, expected);

    let ci: Workflow = read(".github/workflows/ci.yml");
    let install = ci.jobs["linux"].commands("Install interpreters");
    let line = install
        .lines()
        .find_map(|line| line.strip_prefix("uv python install "))
        .expect("it is uv that installs");
    let line = line.replace("$REQUIRED_PYTHONS", &ci.env["REQUIRED_PYTHONS"]);
    let mut installed: Vec<&str> = line.split(' ').collect();
    installed.sort_by_key(|label| expected.iter().position(|one| one == label));
    assert_eq!(installed, expected);
}

#[cfg(target_os = "linux")]
#[test]
fn only_the_tag_of_the_version_is_released_and_no_early_one() {
    let release: Workflow = read(".github/workflows/release.yml");
    let commands = release.jobs["dist"].commands("The tag is the version");
    for (version, tag, code) in [
        ("0.2.0", "v0.2.0", 0),
        ("0.2.0", "v0.2.1", 1),
        ("0.2.0", "0.2.0", 1),
        ("0.2.0-rc.1", "v0.2.0-rc.1", 1),
    ] {
        let folder = scratch::folder();
        let manifest = format!("[workspace.package]\nversion = \"{version}\"\n");
        scratch::write(&folder.path().join("Cargo.toml"), &manifest);
        let ran = Command::new("bash")
            .args(["-e", "-c", commands])
            .env("GITHUB_REF_NAME", tag)
            .current_dir(folder.path())
            .output();
        assert_eq!(ran.expect("bash runs").status.code(), Some(code), "{tag}");
    }
}

/// What a job's step does in a folder with a release, and whether it succeeds.
#[cfg(target_os = "linux")]
fn publish(folder: &Path, commands: &str, variables: &[(&str, &str)]) -> bool {
    let bin = folder.join("bin").display().to_string();
    let path = std::env::var("PATH").unwrap_or_default();
    let status = Command::new("bash")
        .args(["-eo", "pipefail", "-c", commands])
        .env("PATH", format!("{bin}:{path}"))
        .env("GITHUB_REF_NAME", "v0.2.0")
        .envs(variables.iter().copied())
        .current_dir(folder)
        .status();
    status.expect("bash runs").success()
}

/// The files of a release, of which some begin alike.
#[cfg(target_os = "linux")]
fn release(folder: &Path) {
    std::fs::create_dir(folder.join("release")).expect("a folder can be made");
    for name in [
        "pyshim-0.2.0.crate",
        "pyshim-0.2.0.cdx.json",
        "pyshim-0.2.0.tar.gz",
        "pyshim-0.2.0-py3-none-any.whl",
        "pyshim-c-0.2.0.tar.gz",
        "pyshim-gen-0.2.0.crate",
        "pyshim-gen-share-0.2.0.tar.gz",
        "pyshim_gen-0.2.0.tar.gz",
        "pyshim_gen-0.2.0-py3-none-musllinux_1_2_x86_64.whl",
        "pyshim_gen-0.2.0-py3-none-win_amd64.whl",
    ] {
        scratch::write(&folder.join("release").join(name), name);
    }
}

#[cfg(target_os = "linux")]
#[test]
fn each_project_of_pypi_gets_its_own_files() {
    let workflow: Workflow = read(".github/workflows/release.yml");
    let commands = workflow.jobs["pypi"].commands("What is for PyPI");
    for (project, start, n_files) in [
        ("pyshim", "pyshim-0.2.0", 2),
        ("pyshim-gen", "pyshim_gen-", 3),
    ] {
        let folder = scratch::folder();
        release(folder.path());
        assert!(publish(folder.path(), commands, &[("PROJECT", project)]));
        let files = std::fs::read_dir(folder.path().join("packages")).expect("there are some");
        let names: Vec<_> = files.flatten().map(|file| file.file_name()).collect();
        let is_own = |name: &std::ffi::OsString| {
            let name = name.to_string_lossy();
            name.starts_with(start) && (name.ends_with(".whl") || name.ends_with(".tar.gz"))
        };
        assert!(
            names.len() == n_files && names.iter().all(is_own),
            "{names:?}"
        );
    }
}

/// A `curl` that knows one crate's sum, and a `cargo` that says what it is told.
#[cfg(target_os = "linux")]
#[test]
fn a_crate_that_is_there_with_the_same_sum_is_not_published_again() {
    let workflow: Workflow = read(".github/workflows/release.yml");
    let commands = workflow.jobs["crates"].commands("Publish");
    let sum = "$(sha256sum < release/pyshim-0.2.0.crate | cut -d ' ' -f 1)";
    let of_pyshim = format!(
        "case \"$*\" in *py/sh/pyshim) echo '{{\"vers\":\"0.2.0\",\"cksum\":\"'{sum}'\"}}' ;; *) exit 22 ;; esac"
    );
    let both = "publish --locked --no-verify --package pyshim --package pyshim-gen\n";
    let second = "publish --locked --no-verify --package pyshim-gen\n";
    for (curl, expected) in [
        ("exit 22", both),
        ("echo '{\"vers\":\"0.2.0\",\"cksum\":\"another\"}'", both),
        (&of_pyshim, second),
    ] {
        let folder = scratch::folder();
        release(folder.path());
        for (name, script) in [("curl", curl), ("cargo", "echo \"$*\" > said")] {
            let program = folder.path().join("bin").join(name);
            scratch::write(&program, &format!("#!/bin/sh\n{script}\n"));
            let executable = std::os::unix::fs::PermissionsExt::from_mode(0o755);
            std::fs::set_permissions(&program, executable).expect("it is ours");
        }
        assert!(publish(folder.path(), commands, &[]));
        let said = std::fs::read_to_string(folder.path().join("said"));
        assert_eq!(said.expect("cargo was called"), expected, "{curl}");
    }
}
