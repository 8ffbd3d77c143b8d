//! Programs on stack references, and how they are drawn at random.

use std::fmt;

use proptest::collection::vec;
use proptest::prelude::*;

/// One operation of `tests/ext/c/stack_refs.c`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Op {
    New,
    Incref,
    Decref,
    Take,
    Lend,
    AsNew,
    AsSteal,
    AsBorrow,
    Dup,
    Borrow,
    Close,
    Clear,
    See,
    Own,
    End,
    Push,
    Pop,
}

impl Op {
    fn word(self) -> &'static str {
        match self {
            Op::New => "new",
            Op::Incref => "incref",
            Op::Decref => "decref",
            Op::Take => "take",
            Op::Lend => "lend",
            Op::AsNew => "as_new",
            Op::AsSteal => "as_steal",
            Op::AsBorrow => "as_borrow",
            Op::Dup => "dup",
            Op::Borrow => "borrow",
            Op::Close => "close",
            Op::Clear => "clear",
            Op::See => "see",
            Op::Own => "own",
            Op::End => "end",
            Op::Push => "push",
            Op::Pop => "pop",
        }
    }
}

/// An operation and the registers or objects that it is on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Step {
    pub(crate) op: Op,
    pub(crate) a: usize,
    pub(crate) b: usize,
}

impl fmt::Display for Step {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {} {}", self.op.word(), self.a, self.b)
    }
}

/// A program as the extension reads it.
pub(crate) fn written(program: &[Step]) -> String {
    let steps: Vec<String> = program.iter().map(Step::to_string).collect();
    steps.join(";")
}

/// Few registers, so that operations meet.
const REGISTERS: usize = 4;

pub(crate) fn programs() -> impl Strategy<Value = Vec<Step>> {
    let op = prop_oneof![
        4 => Just(Op::New),
        1 => Just(Op::Incref),
        1 => Just(Op::Decref),
        1 => Just(Op::Take),
        1 => Just(Op::Lend),
        1 => Just(Op::AsNew),
        2 => Just(Op::AsSteal),
        1 => Just(Op::AsBorrow),
        2 => Just(Op::Dup),
        2 => Just(Op::Borrow),
        3 => Just(Op::Close),
        1 => Just(Op::Clear),
        1 => Just(Op::See),
        1 => Just(Op::Own),
        1 => Just(Op::End),
        2 => Just(Op::Push),
        2 => Just(Op::Pop),
    ];
    let step = (op, 0..REGISTERS, 0..REGISTERS).prop_map(|(op, a, b)| Step { op, a, b });
    vec(step, 0..60)
}
