//! Layouts are computed as compilers lay out: made-up structs, compared with what `sizeof` and
//! `offsetof` say of them.

use crate::compilers;
use crate::scratch;
use std::process::Command;

use proptest::prelude::*;
use proptest::sample::select;
use proptest::test_runner::{Config, RngAlgorithm, TestRng, TestRunner};
use pyshim_gen::model::layout::{DataModel, Extent, Field, LaidOut, lay_out};
use pyshim_gen::model::ty::{Scalar, Ty};

/// Structs, each of which may hold those before it by value.
type Structs = Vec<Vec<Field>>;

fn structs() -> impl Strategy<Value = Structs> {
    let scalars = [
        Scalar::Int,
        Scalar::UInt,
        Scalar::I64,
        Scalar::U8,
        Scalar::U16,
        Scalar::U32,
        Scalar::U64,
        Scalar::Size,
        Scalar::SSize,
        Scalar::UIntPtr,
    ];
    let ty = prop_oneof![
        4 => select(scalars.to_vec()).prop_map(Ty::Scalar),
        1 => select(vec![Ty::Object, Ty::NullableObject, Ty::CStr, Ty::FnPtr]),
        1 => any::<bool>().prop_map(|constant| Ty::Ptr { to: Box::new(Ty::Void), constant }),
        // A number stands for one of the structs before.
        2 => (0_usize..64).prop_map(|index| Ty::Named(index.to_string())),
    ];
    let fields = proptest::collection::vec(ty, 1..10);
    proptest::collection::vec(fields, 1..16).prop_map(named)
}

fn named(types: Vec<Vec<Ty>>) -> Structs {
    let field = |index: usize, place: usize, ty: &Ty| Field {
        name: format!("f{place}"),
        ty: match ty {
            Ty::Named(_) if index == 0 => Ty::Scalar(Scalar::U8),
            Ty::Named(number) => {
                Ty::Named(format!("s{}", number.parse::<usize>().unwrap_or(0) % index))
            }
            other => other.clone(),
        },
        models: Vec::new(),
        doc: None,
    };
    let lay = |(index, types): (usize, &Vec<Ty>)| {
        types
            .iter()
            .enumerate()
            .map(|(place, ty)| field(index, place, ty))
            .collect()
    };
    types.iter().enumerate().map(lay).collect()
}

fn compute(structs: &Structs, model: DataModel) -> Vec<LaidOut> {
    let mut all: Vec<LaidOut> = Vec::new();
    for fields in structs {
        let extent = |name: &str| -> Option<Extent> {
            Some(
                all.get(name.strip_prefix('s')?.parse::<usize>().ok()?)?
                    .extent,
            )
        };
        all.push(lay_out(fields, model, &extent).expect("every type has a size"));
    }
    all
}

/// What a program says of the structs, a line for each: size, alignment, offset and size of each
/// field.
fn program(structs: &Structs) -> String {
    let mut types = "#include <stddef.h>\n#include <stdint.h>\n#include <stdio.h>\n\
                     typedef struct _object PyObject;\ntypedef intptr_t Py_ssize_t;\n"
        .to_owned();
    let mut prints = String::new();
    for (index, fields) in structs.iter().enumerate() {
        let name = format!("s{index}");
        types.push_str(&format!("typedef struct {name} {{\n"));
        for field in fields {
            types.push_str(&format!("    {};\n", field.ty.c(&field.name)));
        }
        types.push_str(&format!(
            "}} {name};\nstruct a{index} {{ char c; {name} s; }};\n"
        ));
        let mut numbers = vec![
            format!("sizeof({name})"),
            format!("offsetof(struct a{index}, s)"),
        ];
        for field in fields {
            numbers.push(format!("offsetof({name}, {})", field.name));
            numbers.push(format!("sizeof((({name} *)0)->{})", field.name));
        }
        for number in numbers {
            prints.push_str(&format!("    printf(\"%u \", (unsigned)({number}));\n"));
        }
        prints.push_str("    printf(\"\\n\");\n");
    }
    format!("{types}int main(void)\n{{\n{prints}    return 0;\n}}\n")
}

fn said(laid: &[LaidOut]) -> String {
    let mut text = String::new();
    for laid in laid {
        text.push_str(&format!("{} {} ", laid.extent.size, laid.extent.align));
        for field in &laid.fields {
            text.push_str(&format!("{} {} ", field.offset, field.size));
        }
        text.push('\n');
    }
    text
}

fn agree(structs: &Structs, model: DataModel, flags: &[&str]) -> Result<(), String> {
    let folder = scratch::folder();
    scratch::write(&folder.path().join("structs.c"), &program(structs));
    let wanted = said(&compute(structs, model));
    for compiler in compilers::all() {
        let mut command = Command::new(&compiler.c);
        command
            .args(flags)
            .args(["-std=c99", "-w", "structs.c", "-o", "structs"]);
        compilers::run(command.current_dir(folder.path()))?;
        let found = compilers::run(&mut Command::new(folder.path().join("structs")))?;
        if found != wanted {
            return Err(format!(
                "{} {flags:?} says\n{found}and not\n{wanted}",
                compiler.c
            ));
        }
    }
    Ok(())
}

fn check(model: DataModel, flags: &[&str]) {
    let config = Config {
        cases: 24,
        failure_persistence: None,
        ..Config::default()
    };
    let rng = TestRng::deterministic_rng(RngAlgorithm::ChaCha);
    let agree = |structs: Structs| agree(&structs, model, flags).map_err(TestCaseError::fail);
    TestRunner::new_with_rng(config, rng)
        .run(&structs(), agree)
        .expect("compilers agree");
}

#[cfg(target_pointer_width = "64")]
#[test]
fn layouts_are_those_of_a_64_bit_compiler() {
    check(DataModel::Lp64, &[]);
}

#[cfg(target_arch = "x86_64")]
#[test]
fn layouts_are_those_of_32_bit_compilers() {
    if !compilers::has_m32() {
        println!("skipped: {} has no libraries for -m32", compilers::first());
        return;
    }
    check(DataModel::Ilp32, &["-m32"]);
    check(DataModel::Ilp32Align8, &["-m32", "-malign-double"]);
}

#[test]
fn no_type_of_the_manifest_is_wider_on_one_64_bit_system_than_on_another() {
    let config = Config {
        cases: 200,
        failure_persistence: None,
        ..Config::default()
    };
    let rng = TestRng::deterministic_rng(RngAlgorithm::ChaCha);
    let same = |structs: Structs| {
        let wanted = compute(&structs, DataModel::Lp64);
        for model in [DataModel::Llp64, DataModel::Lp64Be] {
            prop_assert_eq!(&compute(&structs, model), &wanted);
        }
        Ok(())
    };
    TestRunner::new_with_rng(config, rng)
        .run(&structs(), same)
        .expect("they are the same");
}
