//! `pyshim audit` with modules for other processors.

use crate::elf::Elf;
use crate::scratch;

/// What says how many symbols such a file has, has words of eight bytes there.
#[test]
fn the_hooks_of_a_module_for_s390x_are_found() {
    let folder = scratch::folder();
    let module = folder.path().join("demo.abi3.so");
    let mut elf = Elf::exporting("PyInit_demo");
    elf.is_for_s390x = true;
    std::fs::write(&module, elf.write()).expect("the module can be written");
    let report = pyshim_gen::audit::audit(&[module]);
    assert_eq!(report.failures, [""; 0]);
    let found = report.findings.iter().map(|finding| finding.rule.id);
    assert_eq!(Vec::from_iter(found), [""; 0]);
}
