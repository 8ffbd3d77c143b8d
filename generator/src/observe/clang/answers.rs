//! What libclang says to questions about a header, each of which may be an error: libclang itself is
//! asked, for bindgen reads nothing that has an error.

#![allow(non_upper_case_globals, reason = "libclang names its constants so")]

use std::collections::{BTreeMap, BTreeSet};
use std::ffi::{CStr, CString};
use std::marker::PhantomData;
use std::os::raw::{c_char, c_int};
use std::path::Path;
use std::ptr;

use clang_sys::*;

use super::reading::OURS;
use crate::observe::{Failure, Trouble};

/// What a C file declares, as far as it compiles.
#[derive(Debug, Default)]
pub(super) struct Answers {
    /// What is declared under names that begin as our questions do.
    pub(super) declared: BTreeSet<String>,
    /// The values of the variables among them that are integers.
    pub(super) values: BTreeMap<String, i128>,
    /// Functions that can be linked to: at least one declaration is neither `static` nor `inline`.
    pub(super) functions: BTreeSet<String>,
}

/// Reads a file. What a line with an error declares does not count.
pub(super) fn read(file: &Path, arguments: &[String]) -> Result<Answers, Failure> {
    let index = Index::new();
    let unit = index.parse(file, arguments)?;
    let mut visitor = Visitor {
        wrong: unit.lines_with_errors(file),
        answers: Answers::default(),
    };
    let data: *mut Visitor = &raw mut visitor;
    // SAFETY: the cursor is of a unit that is there, and `visit` is the only one to use `data`
    // until this returns.
    unsafe {
        clang_visitChildren(
            clang_getTranslationUnitCursor(unit.handle),
            visit,
            data.cast(),
        );
    }
    Ok(visitor.answers)
}

/// What a session of libclang is kept in.
struct Index(CXIndex);

impl Index {
    fn new() -> Self {
        // SAFETY: takes two switches: nothing is left out of units, and nothing is printed.
        Index(unsafe { clang_createIndex(0, 0) })
    }

    fn parse(&self, file: &Path, arguments: &[String]) -> Result<Unit<'_>, Failure> {
        let text = |text: &str| CString::new(text).map_err(|_| unreadable(file));
        let name = text(&file.to_string_lossy())?;
        let arguments: Vec<CString> = arguments
            .iter()
            .map(|argument| text(argument))
            .collect::<Result<_, _>>()?;
        let pointers: Vec<*const c_char> = arguments.iter().map(|text| text.as_ptr()).collect();
        let count = c_int::try_from(pointers.len()).map_err(|_| unreadable(file))?;
        // SAFETY: the index is there, the texts end with a zero and outlive the call, and there are
        // as many as it is told. No file is unsaved.
        let handle = unsafe {
            clang_parseTranslationUnit(
                self.0,
                name.as_ptr(),
                pointers.as_ptr(),
                count,
                ptr::null_mut(),
                0,
                CXTranslationUnit_SkipFunctionBodies,
            )
        };
        match handle.is_null() {
            true => Err(unreadable(file)),
            false => Ok(Unit {
                handle,
                index: PhantomData,
            }),
        }
    }
}

impl Drop for Index {
    fn drop(&mut self) {
        // SAFETY: it is this one's own, and units have gone before it.
        unsafe { clang_disposeIndex(self.0) }
    }
}

fn unreadable(file: &Path) -> Failure {
    Failure::new(
        Trouble::Oracle,
        format!("libclang cannot read `{}` a second time", file.display()),
        "report it with the header",
    )
}

/// A file that was read, with what it includes.
struct Unit<'a> {
    handle: CXTranslationUnit,
    index: PhantomData<&'a Index>,
}

impl Unit<'_> {
    /// The lines of the file itself that errors are in. One in what a macro stands for is where the
    /// macro is used.
    fn lines_with_errors(&self, file: &Path) -> BTreeSet<u32> {
        // SAFETY: the unit is there.
        let count = unsafe { clang_getNumDiagnostics(self.handle) };
        let lines = (0..count).filter_map(|number| {
            // SAFETY: there are more than that many, and it is disposed of once, here.
            unsafe {
                let diagnostic = clang_getDiagnostic(self.handle, number);
                let is_error = clang_getDiagnosticSeverity(diagnostic) >= CXDiagnostic_Error;
                let place = Place::of(clang_getDiagnosticLocation(diagnostic));
                clang_disposeDiagnostic(diagnostic);
                (is_error && Path::new(&place.file) == file).then_some(place.line)
            }
        });
        lines.collect()
    }
}

impl Drop for Unit<'_> {
    fn drop(&mut self) {
        // SAFETY: it is this one's own.
        unsafe { clang_disposeTranslationUnit(self.handle) }
    }
}

/// Where something is written.
struct Place {
    file: String,
    line: u32,
}

impl Place {
    /// # Safety
    ///
    /// The location is of a unit that is there.
    unsafe fn of(location: CXSourceLocation) -> Self {
        let (mut file, mut line) = (ptr::null_mut(), 0);
        // SAFETY: it writes to what it is given and not null, and an unknown file has no name.
        unsafe {
            clang_getFileLocation(
                location,
                &raw mut file,
                &raw mut line,
                ptr::null_mut(),
                ptr::null_mut(),
            );
            Place {
                file: text(clang_getFileName(file)),
                line,
            }
        }
    }
}

/// # Safety
///
/// It is libclang's, and was not disposed of.
unsafe fn text(string: CXString) -> String {
    // SAFETY: what it points at ends with a zero, and is there until it is disposed of.
    unsafe {
        let start = clang_getCString(string);
        let text = match start.is_null() {
            true => String::new(),
            false => CStr::from_ptr(start).to_string_lossy().into_owned(),
        };
        clang_disposeString(string);
        text
    }
}

struct Visitor {
    wrong: BTreeSet<u32>,
    answers: Answers,
}

/// Looks at one declaration. Nothing in here panics, which must not cross libclang.
extern "C" fn visit(cursor: CXCursor, _: CXCursor, data: CXClientData) -> CXChildVisitResult {
    // SAFETY: `read` gave it, has it for itself until all is visited, and is the only one to.
    let visitor = unsafe { &mut *data.cast::<Visitor>() };
    // SAFETY: libclang calls this with cursors of the unit that it visits.
    unsafe { visitor.take(cursor) }
}

impl Visitor {
    /// # Safety
    ///
    /// The cursor is of a unit that is there.
    unsafe fn take(&mut self, cursor: CXCursor) -> CXChildVisitResult {
        // SAFETY: as promised.
        unsafe {
            let name = text(clang_getCursorSpelling(cursor));
            match clang_getCursorKind(cursor) {
                CXCursor_EnumDecl => return CXChildVisit_Recurse,
                CXCursor_FunctionDecl
                    if clang_getCursorLinkage(cursor) == CXLinkage_External
                        && clang_Cursor_isFunctionInlined(cursor) == 0 =>
                {
                    self.answers.functions.insert(name);
                }
                _ if name.starts_with(OURS) && !self.is_wrong(cursor) => {
                    let value = evaluate(cursor).map(|value| (name.clone(), value));
                    self.answers.values.extend(value);
                    self.answers.declared.insert(name);
                }
                _ => {}
            }
        }
        CXChildVisit_Continue
    }

    /// # Safety
    ///
    /// The cursor is of a unit that is there.
    unsafe fn is_wrong(&self, cursor: CXCursor) -> bool {
        // SAFETY: as promised.
        let place = unsafe { Place::of(clang_getCursorLocation(cursor)) };
        self.wrong.contains(&place.line)
    }
}

/// The value of a variable that is an integer.
///
/// # Safety
///
/// The cursor is of a unit that is there.
unsafe fn evaluate(cursor: CXCursor) -> Option<i128> {
    // SAFETY: as promised; what is evaluated is disposed of once, here.
    unsafe {
        if clang_getCursorKind(cursor) != CXCursor_VarDecl {
            return None;
        }
        let result = clang_Cursor_Evaluate(cursor);
        if result.is_null() {
            return None;
        }
        let value = match clang_EvalResult_getKind(result) {
            CXEval_Int if clang_EvalResult_isUnsignedInt(result) != 0 => {
                Some(clang_EvalResult_getAsUnsigned(result).into())
            }
            CXEval_Int => Some(clang_EvalResult_getAsLongLong(result).into()),
            _ => None,
        };
        clang_EvalResult_dispose(result);
        value
    }
}
