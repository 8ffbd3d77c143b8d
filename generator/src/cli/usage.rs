//! What no header tells of a library's structs, and its author does: who allocates them, which field
//! holds their size, which are kept for later.

use clap::{Arg, ArgAction, ArgMatches};

use crate::surface::ctype::CType;
use crate::surface::{Allocator, Kind, Record, Surface};

/// The arguments; they speak of both sides.
pub(super) fn arguments() -> [Arg; 4] {
    let argument = |name: &'static str, value: &'static str, help: &'static str| {
        Arg::new(name)
            .long(name)
            .value_name(value)
            .action(ArgAction::Append)
            .help(help)
    };
    [
        argument(
            "allocated-by-library",
            "STRUCT",
            "A struct that only the library allocates, so that it may grow; may be repeated",
        ),
        argument(
            "allocated-by-caller",
            "STRUCT",
            "A struct that callers allocate; may be repeated",
        ),
        argument(
            "size-field",
            "STRUCT.FIELD",
            "A field that holds its struct's size, from which the library knows what is there; may be repeated",
        ),
        argument(
            "reserve",
            "STRUCT.FIELD",
            "A field that is kept for later, whatever its name; may be repeated",
        ),
    ]
}

/// Tells the sides what the arguments say. A struct that neither side has is a mistake.
pub(super) fn apply(arguments: &ArgMatches, sides: &mut [Surface; 2]) -> Result<(), String> {
    let told = |name: &str| arguments.get_many::<String>(name).into_iter().flatten();
    for (argument, allocator) in [
        ("allocated-by-library", Allocator::Library),
        ("allocated-by-caller", Allocator::Caller),
    ] {
        for name in told(argument) {
            each(sides, name, |record| {
                record.usage.allocated_by = Some(allocator);
            })?;
        }
    }
    for path in told("size-field") {
        let (name, field) = parts(path, sides)?;
        each(sides, name, |record| {
            record.size_field = Some(field.to_owned());
        })?;
    }
    for path in told("reserve") {
        let (name, field) = parts(path, sides)?;
        each(sides, name, |record| {
            record.reserve.insert(field.to_owned());
        })?;
    }
    Ok(())
}

/// `STRUCT.FIELD`, where some side has such a field.
fn parts<'a>(path: &'a str, sides: &mut [Surface; 2]) -> Result<(&'a str, &'a str), String> {
    let (name, field) = path
        .rsplit_once('.')
        .ok_or_else(|| format!("`{path}` names no field: write STRUCT.FIELD"))?;
    let mut is_there = false;
    each(sides, name, |record| {
        let mut fields = record.layouts.values().flat_map(|layout| &layout.fields);
        is_there |= fields.any(|known| known.in_source() == Some(field));
    })?;
    is_there
        .then_some((name, field))
        .ok_or_else(|| format!("`{name}` has no field `{field}` on either side"))
}

/// Does something with a struct on each side that has it, by its tag or by a typedef.
fn each(
    sides: &mut [Surface; 2],
    name: &str,
    mut act: impl FnMut(&mut Record),
) -> Result<(), String> {
    let mut is_there = false;
    for side in sides {
        let tag = match side.items.get(name).map(|item| &item.kind) {
            Some(Kind::Alias(variants)) => match variants.values().next() {
                Some(CType::Record(tag)) => tag.clone(),
                _ => continue,
            },
            _ => name.to_owned(),
        };
        if let Some(Kind::Record(record)) = side.items.get_mut(&tag).map(|item| &mut item.kind) {
            is_there = true;
            act(record);
        }
    }
    is_there
        .then_some(())
        .ok_or_else(|| format!("neither side has a struct `{name}`"))
}
